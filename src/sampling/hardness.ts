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
 * p(x-) of a batch: the softmax probability of all negatives together, mean over the positives of an anchor, then over
 * anchors. The twin on arrays, with its definition, is src/geometry/hardness.ts. Call inside tidy.
 * @param logits [n, n], -distance / temperature
 * @returns 0..1; 0 when no anchor has a positive
 */
export function meanNegativeProbability(logits: tf.Tensor2D, { positives, negatives }: PairPlan): tf.Scalar {
  const p = tf.sigmoid(tf.sub(logSumNegatives(logits, negatives), logits));
  return meanOverAnchors(tf.divNoNan(tf.sum(tf.mul(p, positives), 1), tf.sum(positives, 1)), positives);
}

/**
 * Share of anchors whose hardest negative differs between two sets of logits; of tied ones the first counts.
 * Call inside tidy.
 */
export function hardestDiffer(a: tf.Tensor2D, b: tf.Tensor2D, { positives, negatives }: PairPlan): tf.Scalar {
  const hardest = (logits: tf.Tensor2D) => tf.argMax(onlyNegatives(logits, negatives), 1);
  return meanOverAnchors(tf.cast(tf.notEqual(hardest(a), hardest(b)), 'float32'), positives);
}

/** Mean of [n] values over the anchors that have a positive; the others have no softmax. */
function meanOverAnchors(values: tf.Tensor, positives: tf.Tensor2D): tf.Scalar {
  const anchors = tf.minimum(tf.sum(positives, 1), 1);
  return tf.div(tf.sum(tf.mul(values, anchors)), tf.maximum(tf.sum(anchors), 1));
}
