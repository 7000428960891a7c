import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';
import * as tf from '../../engine/tf.js';
import type { Manifold } from '../../manifolds/manifold.js';

/**
 * `count` random directions for each of n codes, [count, n, dimension] coordinates in an orthonormal frame, as
 * `unitTangents` takes them: the Hutchinson estimates' probes. @throws UsageError for whole numbers below 1
 */
export function randomDirections(count: number, n: number, dimension: number, rng: Rng): tf.Tensor3D {
  requireInteger(count, 1, 'randomDirections count');
  requireInteger(n, 1, 'randomDirections n');
  requireInteger(dimension, 1, 'randomDirections dimension');
  const values = Float32Array.from({ length: count * n * dimension }, () => rng.normal());
  return tf.tensor3d(values, [count, n, dimension]);
}

/** All `dimension` directions of the frame for each of n codes, so that nothing is estimated: [dimension, n, dimension]. */
export function frameDirections(n: number, dimension: number): tf.Tensor3D {
  requireInteger(n, 1, 'frameDirections n');
  requireInteger(dimension, 1, 'frameDirections dimension');
  return tf.tidy(() => {
    const index = tf.range(0, dimension, 1, 'int32');
    const same = tf.equal(tf.reshape(index, [-1, 1, 1]), tf.reshape(index, [1, 1, -1]));
    return tf.tile(tf.cast(same, 'float32'), [1, n, 1]) as tf.Tensor3D;
  });
}

/**
 * Unit tangent vectors at codes: directions at the origin, divided by their length and carried along the geodesic to the
 * code. A direction of length 0 gives NaN. Call inside tidy.
 * @param codes [n, columns] points @param directions [k, n, dimension]
 * @returns [k, n, columns]
 * @throws ShapeError for directions of other codes
 */
export function unitTangents(manifold: Manifold, codes: tf.Tensor2D, directions: tf.Tensor3D): tf.Tensor3D {
  const [k, n, dimension] = directions.shape;
  if (n !== codes.shape[0] || dimension !== manifold.dimension) {
    const expected = `[k, ${codes.shape[0]}, ${manifold.dimension}]`;
    const remedy = 'draw some for each code';
    throw new ShapeError(expectation('unitTangents directions', expected, directions.shape, remedy));
  }
  const flat = tf.reshape(directions, [k * n, dimension]) as tf.Tensor2D;
  const unit: tf.Tensor2D = tf.mul(flat, tf.rsqrt(tf.sum(tf.square(flat), 1, true)));
  const origin = tf.tile(manifold.origin(), [k * n, 1]);
  const carried = manifold.transport(origin, tf.tile(codes, [k, 1]), manifold.frame(unit));
  return tf.reshape(carried, [k, n, codes.shape[1]]);
}
