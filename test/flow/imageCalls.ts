import type * as tfjs from '../../src/engine/tf.js';
import * as gyrometric from '../../src/index.js';

const { allRotations, cyclic, Network, Rng, tf } = gyrometric;

const SIDE = 12;
const SIZE = { height: SIDE, width: SIDE };
const images = (channels = 1): tfjs.Tensor4D => tf.randomUniform([2, SIDE, SIDE, channels]);
const [regular, frequencies] = [
  gyrometric.regularFields(cyclic(4), 2),
  gyrometric.frequencyFields(allRotations, 1, 2),
];

/** Value and gradient of a sum of what `outputs` makes of weights of its own, and an inference. */
async function onModule(
  module: gyrometric.ModuleSpec & { dispose(): void },
  outputs: (pass: gyrometric.Pass) => tfjs.Tensor[],
): Promise<void> {
  // So that there is a gradient for layers without weights too.
  const other = { name: 'other', shape: [1], initial: () => new Float32Array(1) };
  const network = new Network([module, { parameters: [other], batchNorms: [] }], new Rng(1));
  const { value, gradient } = network.gradient(
    (pass) => tf.addN([...outputs(pass).map((t) => tf.sum(t)), tf.sum(pass.weight('other'))]) as tfjs.Scalar,
  );
  tf.tidy(() => {
    outputs(network.inferencePass());
  });
  tf.dispose([value, gradient]);
  network.dispose();
  module.dispose();
}

const onLayer = (make: () => gyrometric.SteerableLayer) => async () => {
  const layer = make();
  await onModule(layer, (pass) => [layer.apply(pass, images(gyrometric.channelsOf(layer.from)))]);
};

const onEncoder =
  <F extends tfjs.Tensor | null>(make: () => gyrometric.EquivariantEncoder<tfjs.Tensor4D, F>, side = SIDE) =>
  async () => {
    const encoder = make();
    await onModule(encoder, (pass) => {
      const { code, features } = encoder.encode(pass, tf.randomUniform([2, side, side, 1]));
      return features ? [code, features] : [code];
    });
  };

const rows = (make: () => ReturnType<typeof gyrometric.plainCnn>) => async () => {
  const encoder = make();
  await onModule(encoder, (pass) => [encoder.encode(pass, tf.randomUniform([2, encoder.columns])).code]);
};

const CHANNELS = [2, 2, 2, 2] as const;
const steerable = () => gyrometric.steerableCnn({ ...SIZE, rotations: 4, fields: [2, 2, 2, 2], codeDim: 3 });
const plain = () => gyrometric.plainCnn({ height: 24, width: 24, channels: CHANNELS, codeDim: 3 });
const polar = () => gyrometric.polarCnn({ height: 24, width: 24, radii: 16, angles: 8, channels: CHANNELS });

/** Of images: encoders, decoder, groups and steerable layers. */
export const IMAGE_CALLS: Readonly<Record<string, () => Promise<void>>> = {
  affineImages: async () => {
    const maps = tf.randomNormal([2, 2, 3]) as tfjs.Tensor3D;
    const x = images(2);
    const [dx, dMaps] = tf.grads((a, b) => gyrometric.affineImages(a as tfjs.Tensor4D, b as tfjs.Tensor3D))([
      x,
      maps,
    ]);
    tf.dispose([maps, x, dx, dMaps]);
  },
  finiteImageGroup: async () => {
    const group = gyrometric.finiteImageGroup(cyclic(4));
    tf.tidy(() => {
      const g = group.fromFeatures(tf.randomNormal([2, 4]), gyrometric.AT_INFERENCE);
      group.act(group.inverse(g), images());
    });
    group.dispose();
  },
  convEncoder: onEncoder(() => gyrometric.convEncoder({ ...SIZE, widths: [2, 2, 2], codeDim: 3 })),
  imageDecoder: async () => {
    const decoder = gyrometric.imageDecoder({ ...SIZE, codeDim: 3, widths: [2, 2, 2] });
    await onModule(decoder, (pass) => [decoder.decode(pass, tf.randomNormal([2, 3]), images())]);
  },
  encoderOfImages: rows(() => gyrometric.encoderOfImages(steerable(), SIZE)),
  orientedEncoder: onEncoder(() => gyrometric.orientedEncoder(polar()), 24),
  plainEncoder: onEncoder(() => gyrometric.plainEncoder(plain()), 24),
  plainCnn: rows(plain),
  polarCnn: rows(polar),
  steerableCnn: onEncoder(steerable),
  steerableConv: onLayer(() =>
    gyrometric.steerableConv({ name: 'conv', from: regular, to: regular, kernel: 3 }),
  ),
  steerableSequence: onLayer(() =>
    gyrometric.steerableSequence(gyrometric.fieldRelu(regular), gyrometric.averagePool(regular)),
  ),
  fieldBatchNorm: onLayer(() => gyrometric.fieldBatchNorm('norm', regular)),
  irrepBatchNorm: onLayer(() => gyrometric.irrepBatchNorm('norm', frequencies)),
  fieldRelu: onLayer(() => gyrometric.fieldRelu(regular)),
  normRelu: onLayer(() => gyrometric.normRelu('relu', frequencies)),
  gatedRelu: onLayer(() => gyrometric.gatedRelu(frequencies)),
  fourierRelu: onLayer(() => gyrometric.fourierRelu(frequencies)),
  averagePool: onLayer(() => gyrometric.averagePool(regular)),
  antialiasedPool: onLayer(() => gyrometric.antialiasedPool(regular)),
  groupPool: onLayer(() => gyrometric.groupPool(regular)),
  normPool: onLayer(() => gyrometric.normPool(frequencies)),
};
