import { Rng } from '../../../src/core/rng.js';
import { rowCount, type SignalLayer, type SignalShape } from '../../../src/encoders/spherical/signalRows.js';
import { Network, type Pass } from '../../../src/engine/network.js';
import * as tf from '../../../src/engine/tf.js';
import { randomRotation } from '../../../src/symmetry/so3/quaternion.js';
import type { RotationMatrix } from '../../../src/symmetry/so3/rotationMatrix.js';
import { wignerD } from '../../../src/symmetry/so3/wignerD.js';

/** Normal numbers of a batch of signals, rows [(degree + 1)², channels, batch]. */
export function randomSignals({ degree, channels }: SignalShape, batch: number, seed: number): tf.Tensor3D {
  const rng = new Rng(seed);
  const size = rowCount(degree) * channels * batch;
  return tf.tensor3d(
    Float32Array.from({ length: size }, () => rng.normal()),
    [rowCount(degree), channels, batch],
  );
}

/** D(R) applied to the rows of every degree, in float64. */
export function turnRows(rows: tf.Tensor3D, r: RotationMatrix): tf.Tensor3D {
  const [count, channels, batch] = rows.shape;
  const values = rows.dataSync();
  const columns = channels * batch;
  const out = new Float32Array(values.length);
  wignerD(r, Math.sqrt(count) - 1).forEach((matrix, l) => {
    const size = 2 * l + 1;
    for (let m = 0; m < size; m++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let n = 0; n < size; n++) sum += matrix[m * size + n] * values[(l * l + n) * columns + column];
        out[(l * l + m) * columns + column] = sum;
      }
    }
  });
  return tf.tensor3d(out, rows.shape);
}

/** Largest difference, relative to the largest value of b. */
export function largestShare(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.max(tf.abs(b))).dataSync()[0]);
}

/** Weights of layers, each moved off its first value, so that no scale is 1 and no offset 0. */
export function shaken(layers: readonly SignalLayer[], seed: number): Network {
  const network = new Network(layers, new Rng(seed));
  const rng = new Rng(seed).split('shaken');
  tf.tidy(() => {
    const { flat } = network.parameters;
    const moves = Float32Array.from({ length: flat.size }, () => 0.2 * rng.normal());
    flat.assign(tf.add(flat, tf.tensor1d(moves)) as tf.Tensor1D);
  });
  return network;
}

/** How far f(D x) is from D f(x) at worst, over rotations, relative to the largest value of f. */
export function equivarianceError(
  layer: Pick<SignalLayer, 'apply'>,
  pass: Pass,
  rows: tf.Tensor3D,
  rotations: number,
): number {
  const rng = new Rng(8);
  let worst = 0;
  for (let k = 0; k < rotations; k++) {
    const r = randomRotation(rng);
    worst = Math.max(
      worst,
      tf.tidy(() => largestShare(layer.apply(pass, turnRows(rows, r)), turnRows(layer.apply(pass, rows), r))),
    );
  }
  return worst;
}
