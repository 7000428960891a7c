import { requirePositive, requireWithin } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import type { LossTerms, Terms } from '../terms.js';
import { identity } from './anchorOp.js';

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
 * `covariance` [1], ν/d times the sum of the squared covariances of different columns, of both views. Once differentiable.
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
  const [n, d] = x.shape;
  const parts = tf.split(vicRegValues(x, y, { lambda, mu, nu, eps }), [n, d, d, 1]);
  const [invariance, variance, otherVariance, covariance] = parts.map(
    (values): Terms => ({ values, counts: tf.ones(values.shape), total: values.size }),
  );
  return { invariance, variance, otherVariance, covariance };
}

/**
 * Values of all parts, one behind the other, [n + 2d + 1]. With c the centred columns of a view and C = cᵀc, the gradient
 * of both its parts is c M: on the diagonal of M is what the variances get, elsewhere C by the slope of the covariance.
 * Σ c is 0 in each column, so that the means need no gradient of their own.
 */
function vicRegValues(x: tf.Tensor2D, y: tf.Tensor2D, options: VicRegOptions): tf.Tensor1D {
  const { lambda, mu, nu, eps } = options;
  const [n, d] = x.shape;
  const perCovariance = nu / (d * (n - 1) ** 2);
  const eachPart = (invariance: number, variance: number, covariance: number) => {
    const factors = new Float32Array(n + 2 * d + 1).fill(invariance).fill(variance, n);
    factors[n + 2 * d] = covariance;
    return tf.tensor1d(factors);
  };
  const op = tf.customGrad((...args) => {
    const [a, b, save] = args as unknown as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
    const views = tf.stack([a, b]);
    const centered = tf.sub(views, tf.mean(views, 1, true)) as tf.Tensor3D;
    const products = tf.matMul(centered, centered, true);
    const diagonal = identity(d);
    const own = tf.mul(products, diagonal);
    const between = tf.sub(products, own);
    const deviations = tf.sqrt(tf.add(tf.mul(tf.sum(own, 1, true), 1 / (n - 1)), eps));
    const narrowness = tf.relu(tf.sub(1, deviations));
    const apart = tf.sub(a, b);
    save([centered, between, deviations, narrowness, diagonal, apart]);
    const sums = tf.concat([
      tf.sum(tf.square(apart), 1),
      tf.reshape(narrowness, [2 * d]),
      tf.reshape(tf.sum(tf.square(between)), [1]),
    ]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [sCentered, sBetween, sDeviations, sNarrowness, sDiagonal, sApart] = saved;
      const factors = eachPart((2 * lambda) / d, -mu / (2 * (n - 1)), 4 * perCovariance);
      const pulls = tf.split(tf.mul(dy, factors), [n, 2 * d, 1]);
      const toVariances = tf.mul(tf.reshape(pulls[1], [2, 1, d]), tf.div(tf.sign(sNarrowness), sDeviations));
      const slopes = tf.add(tf.mul(sBetween, pulls[2]), tf.mul(sDiagonal, toVariances));
      const [toX, toY] = tf.unstack(tf.matMul(sCentered as tf.Tensor3D, slopes as tf.Tensor3D));
      const pull = tf.mul(sApart, tf.reshape(pulls[0], [n, 1]));
      return [tf.add(toX, pull), tf.sub(toY, pull)];
    };
    return { value: tf.mul(sums, eachPart(lambda / d, mu / 2, perCovariance)), gradFunc };
  });
  return tf.tidy(() => op(x, y)) as tf.Tensor1D;
}

function requireViews(x: tf.Tensor2D, y: tf.Tensor2D): void {
  if (x.shape.join() !== y.shape.join()) {
    const remedy = 'pass two views of the same items';
    throw new ShapeError(expectation('vicRegLoss y', x.shape.join(' x '), y.shape.join(' x '), remedy));
  }
  if (x.shape[0] >= 2) return;
  throw new ShapeError(expectation('vicRegLoss x', 'at least 2 rows', x.shape[0], 'take a larger batch'));
}
