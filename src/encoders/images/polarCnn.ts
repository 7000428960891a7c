import { expectation, UsageError } from '../../core/errors.js';
import { circularPad } from '../../engine/circularPad.js';
import { heNormal, normal } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { polarSamplingMatrix } from '../../symmetry/polar.js';
import type { Encoder } from '../encoder.js';

export interface PolarCnnOptions {
  readonly height: number;
  readonly width: number;
  /** Rings from the centre to the edge. */
  readonly radii: number;
  /** Samples on each ring, even, at least 8; with a multiple of 8 a quarter turn is a whole shift after the pooling. */
  readonly angles: number;
  readonly channels: readonly [number, number, number, number];
}

/** Filter heights (radius, shrinking) and widths (angle, circular) of the four layers; radii must end at 1. */
const KERNELS = [
  [5, 5],
  [3, 5],
  [3, 5],
  [2, 5],
] as const;

/** Fewer leave less than one filter's width after the pooling. */
const MIN_ANGLES = 8;

/** Rings that `radii` rings leave after the layer stack; the encoder needs exactly one. */
function ringsLeft(radii: number): number {
  return Math.floor((radii - 4) / 2) - 2 - 2 - 1;
}

/**
 * Invariant to turning the image about its centre, by construction: on polar samples a turn is a shift of the angle
 * axis, circular convolutions commute with it, and mean and maximum over the angles forget it. What is left of the
 * angle, the first circular harmonic of a learned channel, turns with the image.
 * @throws UsageError for other radii or angles
 * @source the invariant and equivariant parts of Winter et al. 2022, arXiv:2202.07559, section 3, for SO(2)
 */
export function polarCnn(options: PolarCnnOptions): Encoder {
  const { height, width, radii, angles, channels } = options;
  if (ringsLeft(radii) !== 1) {
    throw new UsageError(expectation('polarCnn radii', '16 or 17', radii, 'correct encoder.radii'));
  }
  if (!(angles >= MIN_ANGLES && angles % 2 === 0)) {
    throw new UsageError(
      expectation('polarCnn angles', `an even number >= ${MIN_ANGLES}`, angles, 'correct encoder.angles'),
    );
  }
  const sampling = tf.tidy(() =>
    tf.keep(
      tf.tensor2d(polarSamplingMatrix({ height, width, radii, angles }).data, [
        height * width,
        radii * angles,
      ]),
    ),
  );
  const harmonic = firstHarmonic(angles / 2);
  const layers = KERNELS.map(([rows, columns], i) => ({
    name: `encoder/conv${i + 1}`,
    shape: [rows, columns, i === 0 ? 1 : channels[i - 1], channels[i]] as const,
  }));

  function featureMap(pass: Parameters<Encoder['encode']>[0], images: tf.Tensor2D): tf.Tensor3D {
    let x = tf.reshape(tf.matMul(images, sampling), [-1, radii, angles, 1]) as tf.Tensor4D;
    for (const [i, { name, shape }] of layers.entries()) {
      const side = (shape[1] - 1) / 2;
      x = tf.conv2d(circularPad(x, side, side), pass.weight<tf.Tensor4D>(name), 1, 'valid');
      x = tf.relu(pass.batchNorm(`${name}/norm`, x));
      if (i === 0) x = tf.avgPool(x, 2, 2, 'valid');
    }
    return tf.reshape(x, [-1, angles / 2, channels[3]]) as tf.Tensor3D;
  }

  return {
    kind: 'polarCnn',
    columns: height * width,
    codeDim: 2 * channels[3],
    parameters: [
      ...layers.map(({ name, shape }) => ({
        name,
        shape,
        initial: heNormal(shape[0] * shape[1] * shape[2]),
      })),
      { name: 'encoder/orientation', shape: [channels[3], 1], initial: normal(1 / Math.sqrt(channels[3])) },
    ],
    batchNorms: layers.map(({ name, shape }) => ({ name: `${name}/norm`, channels: shape[3] })),
    encode(pass, images) {
      const map = featureMap(pass, images);
      const code = tf.concat([tf.mean(map, 1), tf.max(map, 1)], 1) as tf.Tensor2D;
      const rows = tf.reshape(map, [-1, channels[3]]) as tf.Tensor2D;
      const channel = tf.reshape(tf.matMul(rows, pass.weight('encoder/orientation')), [
        -1,
        angles / 2,
      ]) as tf.Tensor2D;
      return { code, orientation: tf.matMul(channel, harmonic) };
    },
    dispose: () => tf.dispose([sampling, harmonic]),
  };
}

/** [angles, 2]: cosine and sine of each angle, divided by the number of angles. */
function firstHarmonic(angles: number): tf.Tensor2D {
  const values = new Float32Array(2 * angles);
  for (let a = 0; a < angles; a++) {
    // Pooling pairs (2a, 2a + 1) puts sample a half a fine step on.
    const angle = (2 * Math.PI * (a + 0.25)) / angles;
    values[2 * a] = Math.cos(angle) / angles;
    values[2 * a + 1] = Math.sin(angle) / angles;
  }
  return tf.tidy(() => tf.keep(tf.tensor2d(values, [angles, 2])));
}
