import * as tf from '../../engine/tf.js';

/** Added to the logits of pairs that do not count; exp of it is 0 in float32. */
const EXCLUDED = -1e9;

/** Sums of exponentials over the kept entries of each row, relative to a number that keeps them from overflowing. */
export interface RowExponentials {
  /** [n, m]: exp(logit - c) with one c a row, 0 where not kept; of no meaning in a row of which nothing is kept. */
  readonly exponentials: tf.Tensor;
  /** [n, 1]: the row's sum, so that exponentials / sums is the softmax. Never 0. */
  readonly sums: tf.Tensor;
  /** [n, 1]: log Σ exp(logit), about -1e9 where nothing is kept. */
  readonly logSums: tf.Tensor;
}

/** Call inside tidy, off the tape. @param keep [n, m], how often each entry counts */
export function rowExponentials(logits: tf.Tensor, keep: tf.Tensor): RowExponentials {
  const kept = keptLogits(logits, keep);
  const largest = tf.max(kept, 1, true);
  const exponentials = tf.exp(tf.sub(kept, largest));
  const sums = tf.sum(exponentials, 1, true);
  return { exponentials, sums, logSums: tf.add(largest, tf.log(sums)) };
}

/**
 * As `rowExponentials` of logits that `keptLogits` gave, with 1 = exp 0 added to every sum: logSums >= 0, exactly 0
 * where nothing is kept.
 */
export function exponentialsAndOne(kept: tf.Tensor): RowExponentials {
  const largest = tf.maximum(tf.max(kept, 1, true), 0);
  const exponentials = tf.exp(tf.sub(kept, largest));
  const sums = tf.add(tf.sum(exponentials, 1, true), tf.exp(tf.neg(largest)));
  return { exponentials, sums, logSums: tf.add(largest, tf.log(sums)) };
}

/** log(exp a + exp b), broadcast; either may be the -1e9 of an empty row. */
export function logAddExp(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.add(tf.maximum(a, b), tf.softplus(tf.neg(tf.abs(tf.sub(a, b)))));
}

/** The logits with the logarithm of how often they count added, which is -1e9 where they do not. */
export function keptLogits(logits: tf.Tensor, keep: tf.Tensor): tf.Tensor {
  return tf.add(logits, tf.maximum(tf.log(keep), EXCLUDED));
}
