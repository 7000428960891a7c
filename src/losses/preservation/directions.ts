import { requireInteger, requireWithin } from '../../core/checks.js';
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

export interface BetweenOptions {
  readonly rng: Rng;
  /** How far beyond either end, as a share of the way, >= 0. Default 0.2. */
  readonly beyond?: number;
}

/**
 * Points on geodesics between the codes of a batch and others of it, so that a penalty of the derivative holds where no
 * code lies: exp_z(a log_z(z')), a uniform in [-beyond, 1 + beyond], z' a permutation of the codes. Call inside tidy.
 * @param codes [n, columns] points of a manifold
 * @returns [n, columns]
 * @throws DomainError unless beyond >= 0
 * @source Lee, Yoon, Son, Park 2022 (see isotropyPenalty), modified mix-up, along geodesics
 */
export function codesBetween(
  manifold: Manifold,
  codes: tf.Tensor2D,
  { rng, beyond = 0.2 }: BetweenOptions,
): tf.Tensor2D {
  requireWithin(beyond, 0, 'codesBetween beyond');
  const [n] = codes.shape;
  return tf.tidy(() => {
    const shares = tf.tensor2d(
      Float32Array.from({ length: n }, () => rng.uniform(-beyond, 1 + beyond)),
      [n, 1],
    );
    const others = tf.gather(codes, tf.tensor1d(rng.permutation(n), 'int32'));
    return manifold.exp(codes, tf.mul(manifold.log(codes, others), shares));
  });
}
