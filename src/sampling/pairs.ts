import type { PairPlan } from '../engine/records.js';
import * as tf from '../engine/tf.js';

/** Positives: same label, not the item itself. Negatives: another label. labels [n], int32. Call inside tidy. */
export function pairsOfLabels(labels: tf.Tensor1D): PairPlan {
  const same = tf.cast(
    tf.equal(tf.expandDims(labels, 1), tf.expandDims(labels, 0)),
    'float32',
  ) as tf.Tensor2D;
  const index = tf.range(0, labels.shape[0], 1, 'int32');
  const self = tf.cast(tf.equal(tf.expandDims(index, 1), tf.expandDims(index, 0)), 'float32');
  return { positives: tf.sub(same, self), negatives: tf.sub(1, same) };
}
