import type { PairPlan } from '../engine/records.js';
import * as tf from '../engine/tf.js';

/**
 * Positives: same label, not the item itself. Negatives: another label. Call inside tidy.
 * @param labels [n], int32
 * @param references [m], int32: labels of other items to compare with; absent, the items are compared with each other
 */
export function pairsOfLabels(labels: tf.Tensor1D, references?: tf.Tensor1D): PairPlan {
  const same = tf.cast(
    tf.equal(tf.expandDims(labels, 1), tf.expandDims(references ?? labels, 0)),
    'float32',
  ) as tf.Tensor2D;
  const negatives = tf.sub(1, same) as tf.Tensor2D;
  if (references) return { positives: same, negatives };
  const index = tf.range(0, labels.shape[0], 1, 'int32');
  const self = tf.cast(tf.equal(tf.expandDims(index, 1), tf.expandDims(index, 0)), 'float32');
  return { positives: tf.sub(same, self), negatives };
}
