import { requireInteger, requireLength } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';
import { log0 } from '../stereographic.js';
import { fromTangent } from './layer.js';

/**
 * B(n/2, 1/2), which is π times the mean of |v_1| over the unit sphere of n dimensions. From B(1/2, 1/2) = π,
 * B(1, 1/2) = 2 and B(a + 1, b) = B(a, b) a / (a + b).
 * @param n whole number >= 1
 */
export function halfBeta(n: number): number {
  requireInteger(n, 1, 'halfBeta n');
  let value = n % 2 === 1 ? Math.PI : 2;
  for (let m = n % 2 === 1 ? 1 : 2; m < n; m += 2) value *= m / (m + 1);
  return value;
}

/**
 * What tangent coordinates of an n-dimensional part are multiplied with in a point of N dimensions: B(N/2,
 * 1/2) / B(n/2, 1/2).
 */
export function betaRatio(n: number, total: number): number {
  return halfBeta(total) / halfBeta(n);
}

/**
 * β-concatenation: the points side by side in one ball, in the tangent space at the origin, each part scaled
 * so that a coordinate's spread does not depend on how many there are.
 * @param parts [n, d_i] each @returns [n, Σ d_i]
 * @source Shimizu, Mukuta, Harada 2021, arXiv:2006.08210, section 3.3
 */
export function betaConcat(parts: readonly tf.Tensor2D[], K: Curvature): tf.Tensor2D {
  const total = parts.reduce((sum, part) => sum + part.shape[1], 0);
  return tf.tidy(() => {
    const tangents = parts.map((part) => tf.mul(log0(part, K), betaRatio(part.shape[1], total)));
    return fromTangent(tf.concat(tangents, 1) as tf.Tensor2D, K);
  });
}

/**
 * β-split, the inverse of `betaConcat`.
 * @param x [n, Σ sizes] @returns [n, sizes[i]] each
 * @throws ShapeError unless the sizes sum to the columns of x
 * @source Shimizu, Mukuta, Harada 2021, arXiv:2006.08210, section 3.3
 */
export function betaSplit(x: tf.Tensor2D, sizes: readonly number[], K: Curvature): tf.Tensor2D[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  requireLength(total, x.shape[1], 'betaSplit sizes');
  if (sizes.length === 1) return [tf.clone(x)];
  return tf.tidy(() => {
    const tangents = tf.split(log0(x, K), sizes as number[], 1);
    return tangents.map((v, i) => fromTangent(tf.div(v, betaRatio(sizes[i], total)), K));
  });
}
