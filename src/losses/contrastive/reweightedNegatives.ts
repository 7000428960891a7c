import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import type { AnchorValues } from './anchorValues.js';

/** Added to the logits of pairs that do not count; exp of it is 0 in float32. */
const EXCLUDED = -1e9;

/**
 * The least logit that a true negative may have: a number, or 'batch', the least of the anchor's own negatives, as a
 * constant: the true ones are some of them.
 */
export type LeastLogit = number | 'batch';

export interface Reweighting {
  /** Concentration of the weights on hard negatives, >= 0. */
  readonly beta: number;
  /** τ+, the probability that a negative is of the anchor's class, in [0, 1). */
  readonly tauPlus: number;
  readonly least: LeastLogit;
  /** [n, m], what beta acts on in place of s; no gradient. */
  readonly weightLogits?: tf.Tensor2D | undefined;
}

/**
 * The values of `hardContrastive` and their derivatives to the logits s, [n, m]. Everything is kept as a logarithm, so that
 * weights and logits of two spaces may lie thousands apart: with A = log(N Σ w exp s / Σ w / (1 - τ+)) of the weighted
 * negatives and F = log(N τ+ exp s+ / (1 - τ+)) of the false ones, log Ng = max(A + log(1 - exp(F - A)), log N + least).
 * Call inside tidy.
 */
export function reweightedNegatives(
  s: tf.Tensor2D,
  { positives, negatives }: PairPlan,
  { beta, tauPlus, least, weightLogits }: Reweighting,
): AnchorValues {
  const count = tf.sum(negatives, 1, true);
  const some = tf.minimum(count, 1);
  const logCount = tf.log(tf.maximum(count, 1));
  const outside = tf.mul(tf.sub(1, negatives), EXCLUDED);
  const w = tf.add(tf.mul(weightLogits ?? s, beta), outside);
  const weighted = tf.add(w, s);
  const logWeights = tf.logSumExp(w, 1, true);
  const logWeighted = tf.logSumExp(weighted, 1, true);
  // Without false ones the estimate is an average of the negatives, never below the least but for rounding.
  const lowest = () => {
    if (least !== 'batch') return least;
    return tauPlus === 0 ? Number.NEGATIVE_INFINITY : tf.neg(tf.max(tf.sub(outside, s), 1, true));
  };
  const ofAll = tf.add(tf.sub(logWeighted, logWeights), tf.sub(logCount, Math.log(1 - tauPlus)));
  const ofFalse = tf.add(s, tf.add(logCount, Math.log(tauPlus / (1 - tauPlus))));
  const left = tf.sub(1, tf.exp(tf.minimum(tf.sub(ofFalse, ofAll), 0)));
  const estimate = tf.add(ofAll, tf.log(left));
  // A maximum may drop a NaN; 0 times the negatives' sum keeps it.
  const floor = tf.add(tf.add(logCount, lowest()), tf.mul(ofAll, 0));
  const margin = tf.sub(tf.maximum(estimate, floor), s);
  const values = tf.softplus(margin);
  // Derivatives to A and F where the estimate is above the floor, which is a constant.
  const free = tf.mul(positives, tf.cast(tf.greaterEqual(estimate, floor), 'float32'));
  const toAll = tf.sum(tf.mul(free, tf.exp(tf.sub(tf.sub(ofAll, s), values))), 1, true);
  const toFalse = tf.mul(free, tf.exp(tf.sub(tf.sub(ofFalse, s), values)));
  const share = tf.exp(tf.sub(weighted, logWeighted));
  const spread = weightLogits
    ? share
    : tf.sub(tf.mul(share, 1 + beta), tf.mul(tf.exp(tf.sub(w, logWeights)), beta));
  const pull = tf.add(tf.mul(positives, tf.sigmoid(margin)), toFalse);
  return {
    values: tf.sum(tf.mul(some, tf.mul(positives, values)), 1) as tf.Tensor1D,
    slopes: tf.mul(some, tf.sub(tf.mul(spread, toAll), pull)) as tf.Tensor2D,
  };
}
