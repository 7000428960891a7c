import type { PairPlan } from '../engine/records.js';
import * as tf from '../engine/tf.js';

/** Added to the logits of pairs that do not count; exp of it is 0 in float32. */
const EXCLUDED = -1e9;

/** log Σ exp of each row's negatives: [n, n] -> [n, 1]. Call inside tidy. */
export function logSumNegatives(logits: tf.Tensor2D, negatives: tf.Tensor2D): tf.Tensor2D {
  return tf.logSumExp(onlyNegatives(logits, negatives), 1, true) as tf.Tensor2D;
}

function onlyNegatives(logits: tf.Tensor2D, negatives: tf.Tensor2D): tf.Tensor2D {
  return tf.add(logits, tf.mul(tf.sub(1, negatives), EXCLUDED));
}

/**
 * p(x-) of a batch: the softmax probability of all negatives together, mean over positive pairs. The twin on arrays,
 * with its definition, is src/geometry/hardness.ts. Call inside tidy.
 * @param logits [n, n], -distance / temperature
 */
export function meanNegativeProbability(logits: tf.Tensor2D, { positives, negatives }: PairPlan): tf.Scalar {
  const p = tf.sigmoid(tf.sub(logSumNegatives(logits, negatives), logits));
  return tf.div(tf.sum(tf.mul(p, positives)), tf.maximum(tf.sum(positives), 1));
}

/** Share of anchors whose hardest negative differs between two sets of logits. Call inside tidy. */
export function hardestDiffer(a: tf.Tensor2D, b: tf.Tensor2D, { negatives }: PairPlan): tf.Scalar {
  const hardest = (logits: tf.Tensor2D) => tf.argMax(onlyNegatives(logits, negatives), 1);
  return tf.mean(tf.cast(tf.notEqual(hardest(a), hardest(b)), 'float32'));
}
