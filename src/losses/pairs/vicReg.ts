import { requirePositive, requireWithin } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import type { LossTerms, Terms } from '../terms.js';

export interface VicRegOptions {
  /** Weight of the invariance, >= 0. */
  readonly lambda: number;
  /** Weight of the variance, >= 0. */
  readonly mu: number;
  /** Weight of the covariance, >= 0. */
  readonly nu: number;
  /** Added to each variance before its root, > 0. */
  readonly eps: number;
}

export const VIC_REG_DEFAULTS: VicRegOptions = { lambda: 25, mu: 25, nu: 1, eps: 1e-4 };
export const VIC_REG_REDUCER = 'mean';

/**
 * Invariance, variance and covariance of two views; it needs no labels and reads coordinates (in a curved space: those
 * of a tangent space). Parts to be reduced by `mean`: `invariance` [n], λ times the mean squared difference of the two
 * views of an item; `variance` and `otherVariance` [d], whose first axis are columns, µ/2 max(0, 1 - √(var + eps));
 * `covariance` [1], ν/d times the sum of the squared covariances of different columns, of both views.
 * @param x [n, d] @param y [n, d], row i another view of the item of row i of x
 * @throws ShapeError unless both have one shape and at least two rows, DomainError for an option out of range
 * @source Bardes, Ponce, LeCun 2022, VICReg, arXiv:2105.04906, with half its variance term
 */
export function vicRegLoss(x: tf.Tensor2D, y: tf.Tensor2D, options: Partial<VicRegOptions> = {}): LossTerms {
  const { lambda, mu, nu, eps } = { ...VIC_REG_DEFAULTS, ...options };
  requireWithin(lambda, 0, 'vicRegLoss lambda');
  requireWithin(mu, 0, 'vicRegLoss mu');
  requireWithin(nu, 0, 'vicRegLoss nu');
  requirePositive(eps, 'vicRegLoss eps');
  requireViews(x, y);
  const [a, b] = [x, y].map((view) => tf.sub(view, tf.mean(view, 0, true)) as tf.Tensor2D);
  return {
    invariance: ones(tf.mul(tf.mean(tf.square(tf.sub(x, y)), 1), lambda)),
    variance: ones(tf.mul(narrowness(a, eps), mu / 2)),
    otherVariance: ones(tf.mul(narrowness(b, eps), mu / 2)),
    covariance: ones(tf.mul(tf.reshape(tf.add(redundancy(a), redundancy(b)), [1]), nu)),
  };
}

function ones(values: tf.Tensor): Terms {
  return { values, counts: tf.fill(values.shape, 1) };
}

function narrowness(centered: tf.Tensor2D, eps: number): tf.Tensor {
  const variance = tf.div(tf.sum(tf.square(centered), 0), centered.shape[0] - 1);
  return tf.relu(tf.sub(1, tf.sqrt(tf.add(variance, eps))));
}

function redundancy(centered: tf.Tensor2D): tf.Tensor {
  const [n, d] = centered.shape;
  const covariance = tf.div(tf.matMul(centered, centered, true), n - 1);
  const index = tf.range(0, d);
  const apart = tf.cast(tf.notEqual(tf.reshape(index, [-1, 1]), tf.reshape(index, [1, -1])), 'float32');
  return tf.div(tf.sum(tf.mul(tf.square(covariance), apart)), d);
}

function requireViews(x: tf.Tensor2D, y: tf.Tensor2D): void {
  if (x.shape.join() !== y.shape.join()) {
    const remedy = 'pass two views of the same items';
    throw new ShapeError(expectation('vicRegLoss y', x.shape.join(' x '), y.shape.join(' x '), remedy));
  }
  if (x.shape[0] >= 2) return;
  throw new ShapeError(expectation('vicRegLoss x', 'at least 2 rows', x.shape[0], 'take a larger batch'));
}
