import { requireLength } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { Metric } from '../../manifolds/manifold.js';
import { pairsOfLabels } from '../../sampling/pairs.js';
import type { Compared } from '../terms.js';

export interface SelfSupervisedOptions {
  /**
   * true, the default: the items of both views are anchors and compared with all others. false: anchors are those of the
   * first view, compared with the second alone.
   */
  readonly symmetric?: boolean;
  /** As in Compared. */
  readonly zero?: number;
}

/**
 * What a loss of pairs takes of two views of the same items without labels: row i of one is the positive of row i of the
 * other, all else are negatives. Call inside tidy.
 * @param first, second [n, columns] @returns distances [2n, 2n], the first view's items before the second's; or [n, n]
 * @throws ShapeError unless both have the same shape
 */
export function selfSupervised(
  metric: Metric,
  first: tf.Tensor2D,
  second: tf.Tensor2D,
  { symmetric = true, zero = 0 }: SelfSupervisedOptions = {},
): Compared {
  const n = first.shape[0];
  requireLength(second.shape[0], n, 'selfSupervised rows of the second view');
  const items = tf.range(0, n, 1, 'int32');
  if (symmetric) {
    const both = tf.concat([first, second]);
    const plan = pairsOfLabels(tf.tile(items, [2]) as tf.Tensor1D);
    return { distances: metric.pairwise(both, both, { same: 'diagonal' }), plan, zero };
  }
  const equal = tf.equal(tf.expandDims(items, 1), tf.expandDims(items, 0));
  const positives = tf.cast(equal, 'float32') as tf.Tensor2D;
  return {
    distances: metric.pairwise(first, second),
    plan: { positives, negatives: tf.sub(1, positives) },
    zero,
  };
}
