import { requireWithin } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import type { Metric } from '../../manifolds/manifold.js';
import type { LossTerms } from '../terms.js';

/** Weighted means: points [n, columns], weights [k, n] >= 0 without a row of zeros -> [k, columns]. */
export type Midpoints = (points: tf.Tensor2D, weights: tf.Tensor2D) => tf.Tensor2D;

export interface CentroidTripletOptions {
  /** In the unit of the distances, >= 0. */
  readonly margin: number;
  /** log(1 + exp v) in place of max(0, v). */
  readonly smooth: boolean;
  /**
   * Centroids of the space. The default is the mean of the coordinates, right for Euclidean and cosine spaces; in a ball
   * take the gyromidpoint, (x, w) => midpoint(x, w, K), whose means stay inside.
   */
  readonly midpoints: Midpoints;
}

export const CENTROID_TRIPLET_DEFAULTS: CentroidTripletOptions = {
  margin: 0.05,
  smooth: false,
  midpoints: meanPoints,
};
export const CENTROID_TRIPLET_REDUCER = 'avgNonZero';

/**
 * Triplets of an item, the centroid of the other items of its class, and the centroid of each other class: part
 * `triplet`, [n, n], max(0, d(x, c⁺) - d(x, c⁻) + margin), where the column of a class is that of its first item. It
 * takes points, not distances, because centroids are points.
 * @param points [n, columns] @param plan of pairsOfLabels: its positives are the other items of the class
 * @throws DomainError for a margin below 0, ShapeError unless the plan is [n, n]
 * @source Wieczorek, Rychalska, Dąbrowski 2021, arXiv:2104.13643, with distances of any space and not their squares
 */
export function centroidTripletLoss(
  points: tf.Tensor2D,
  { positives, negatives }: PairPlan,
  metric: Metric,
  options: Partial<CentroidTripletOptions> = {},
): LossTerms {
  const { margin, smooth, midpoints } = { ...CENTROID_TRIPLET_DEFAULTS, ...options };
  requireWithin(margin, 0, 'centroidTripletLoss margin');
  const n = points.shape[0];
  if (positives.shape.join() !== `${n},${n}`) {
    const remedy = 'make the plan of these points';
    throw new ShapeError(
      expectation('centroidTripletLoss plan', `${n} x ${n}`, positives.shape.join(' x '), remedy),
    );
  }
  const index = tf.range(0, n);
  const [rows, columns] = [tf.reshape(index, [-1, 1]), tf.reshape(index, [1, -1])];
  const self = tf.cast(tf.equal(rows, columns), 'float32');
  const earlier = tf.cast(tf.greater(rows, columns), 'float32');
  const hasPositive = tf.minimum(tf.sum(positives, 1, true), 1);
  const firstOfClass = tf.sub(1, tf.minimum(tf.sum(tf.mul(positives, earlier), 1), 1));
  const others = tf.add(positives, tf.mul(self, tf.sub(1, hasPositive))) as tf.Tensor2D;
  const toOwn = metric.dist(points, midpoints(points, others));
  const toClasses = metric.pairwise(points, midpoints(points, tf.add(positives, self)));
  const counts = tf.mul(tf.mul(negatives, firstOfClass), hasPositive);
  const violation = tf.add(tf.sub(tf.reshape(toOwn, [-1, 1]), toClasses), margin);
  const values = tf.mul(smooth ? tf.softplus(violation) : tf.relu(violation), counts);
  return { triplet: { values, counts } };
}

function meanPoints(points: tf.Tensor2D, weights: tf.Tensor2D): tf.Tensor2D {
  return tf.div(tf.matMul(weights, points), tf.sum(weights, 1, true));
}
