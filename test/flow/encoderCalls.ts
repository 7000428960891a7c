import type * as tfjs from '../../src/engine/tf.js';
import * as gyrometric from '../../src/index.js';

const { tf } = gyrometric;
const N = 3;
const CODE = 2;

const pointSets = (dim: number): gyrometric.PointSets => ({
  points: tf.randomNormal([2, N, dim]) as tfjs.Tensor3D,
  mask: tf.ones([2, N]),
});

/** A network of one module, its gradient, and the module's own end. */
async function trained(
  module: gyrometric.ModuleSpec & { dispose?(): void },
  sum: (pass: gyrometric.Pass) => tfjs.Tensor,
): Promise<void> {
  const network = new gyrometric.Network([module], new gyrometric.Rng(1));
  const { value, gradient } = network.gradient((pass) => tf.sum(sum(pass)) as tfjs.Scalar);
  tf.dispose([value, gradient]);
  network.dispose();
  module.dispose?.();
}

const decoded = (decoder: gyrometric.Decoder<gyrometric.PointSets>, dim: number) =>
  trained(decoder, (pass) => decoder.decode(pass, tf.randomNormal([2, CODE]), pointSets(dim)).points);

const encoded = <F>(encoder: gyrometric.EquivariantEncoder<gyrometric.PointSets, F>, dim: number) =>
  trained(encoder, (pass) => encoder.encode(pass, pointSets(dim)).code);

const layered = (layer: gyrometric.SetLayer) =>
  trained({ parameters: layer.parameters, batchNorms: [] }, (pass) =>
    layer.apply(pass, tf.randomNormal([2, N, 4]) as tfjs.Tensor3D, tf.ones([2, N])),
  );

/** The error of random points, and its gradient. */
const differed = (
  error: (output: gyrometric.PointSets, x: gyrometric.PointSets) => tfjs.Scalar,
): (() => Promise<void>) => {
  return async () =>
    tf.tidy(() => {
      const x = pointSets(2);
      tf.grad((points) => error({ ...x, points: points as tfjs.Tensor3D }, x))(x.points);
    });
};

const ORDERED = { maxPoints: N, dim: 2, codeDim: CODE, hidden: 4 };
const CONFIG = gyrometric.parsePointSetConfig({
  ...{ schemaVersion: 1, kind: 'pointSets', data: { name: 'tetris', train: 64 } },
  encoder: { kind: 'cloud', maxPoints: 4, layers: 1, scalars: 4, vectors: 2, codeDim: 4, radius: 1 },
  heads: { euclidean: { dim: 2 }, poincare: { dim: 2 } },
  training: { steps: 2, classesPerBatch: 2, perClass: 2, warmup: 1, reportEvery: 1 },
});

/** Public encoders, decoders, their layers and errors, and the models of sets and clouds. */
export const ENCODER_CALLS: Readonly<Record<string, () => Promise<void>>> = {
  attentionLayer: () => layered(gyrometric.attentionLayer('layer', 4, 2)),
  deepSetLayer: () => layered(gyrometric.deepSetLayer('layer', 4, 4)),
  cloudEncoder: () => encoded(gyrometric.cloudEncoder({ codeDim: CODE, radius: 1 }), 3),
  cloudDecoder: () => decoded(gyrometric.cloudDecoder({ codeDim: CODE, maxPoints: N, radius: 1 }), 3),
  setEncoder: () => encoded(gyrometric.setEncoder({ dim: 2, codeDim: CODE }), 2),
  setDecoder: () => decoded(gyrometric.setDecoder({ dim: 2, codeDim: CODE, maxPoints: N }), 2),
  orderedSetEncoder: () => encoded(gyrometric.orderedSetEncoder(ORDERED), 2),
  orderedSetDecoder: () => decoded(gyrometric.orderedSetDecoder(ORDERED), 2),
  imageError: async () =>
    tf.tidy(() => {
      const x = tf.randomNormal([1, 2, 2, 1]) as tfjs.Tensor4D;
      tf.grad((y) => gyrometric.imageError(y as tfjs.Tensor4D, x))(x);
    }),
  elementsError: differed(gyrometric.elementsError),
  placesError: differed(gyrometric.placesError),
  trainPointSets: async () => {
    const { train, test } = gyrometric.namedPointSets(CONFIG);
    const config = gyrometric.resolvePointSetConfig(CONFIG, train.rows);
    const { model } = await gyrometric.trainPointSets(config, train);
    await model.embed(test.rows);
    model.dispose();
  },
};
