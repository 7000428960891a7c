import { requireNumber, requireWithin } from '../../core/checks.js';
import { type FusedKernels, fused } from '../../engine/fused.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms, Terms } from '../terms.js';
import { above, anchorOp } from './anchorOp.js';
import { fusedTerms } from './fusedTerms.js';

export interface RankedListOptions {
  /** Width of the gap between positives and negatives, >= 0. */
  readonly margin: number;
  /** Temperature of the negatives' weights exp(Tn (α - d)), >= 0; in the inverse unit of the distances. */
  readonly tn: number;
  /** λ, the weight of the negatives, 0..1; the positives have 1 - λ. Default 0.5. */
  readonly imbalance?: number;
  /** α: negatives nearer than this cost something, positives from α - margin on. Default 1 + margin / 2. */
  readonly alpha?: number;
  /** Temperature of the positives' weights exp(Tp (d - α + margin)), >= 0. Default 0. */
  readonly tp?: number;
}

export const RANKED_LIST_DEFAULTS = { imbalance: 0.5, tp: 0 } as const;
export const RANKED_LIST_REDUCER = 'mean';

/** Added to the denominator for each reference, so that it is never 0. */
const SMALL = 1e-5;

/**
 * (1 - λ) weighted mean of max(0, d - α + margin) over the positives + λ that of max(0, α - d) over the negatives,
 * where only those above 0 have a weight; [n]. The gradient goes through the weights, once. An anchor counts if it
 * has a positive or a negative.
 * @throws DomainError for an option out of range
 * @source Wang et al. 2019, "Ranked list loss for deep metric learning", arXiv:1903.03238
 */
export function rankedListLoss(compared: Compared, options: RankedListOptions): LossTerms {
  const { margin, tn, imbalance, tp, alpha } = {
    ...RANKED_LIST_DEFAULTS,
    alpha: 1 + options.margin / 2,
    ...options,
  };
  requireWithin(margin, 0, 'rankedListLoss margin');
  requireWithin(tn, 0, 'rankedListLoss tn');
  requireWithin(tp, 0, 'rankedListLoss tp');
  requireWithin(imbalance, 0, 'rankedListLoss imbalance', 1);
  requireNumber(alpha, 'rankedListLoss alpha');
  const ranking = { near: alpha - margin, far: alpha, tp, tn, imbalance };
  const kernels = fused('rows');
  return { list: kernels ? fusedList(kernels, compared, ranking) : listOfTensors(compared, ranking) };
}

interface Ranking {
  /** Where positives and where negatives begin to cost. */
  readonly near: number;
  readonly far: number;
  readonly tp: number;
  readonly tn: number;
  readonly imbalance: number;
}

function fusedList(
  kernels: FusedKernels['rows'],
  compared: Compared,
  { near, far, tp, tn, imbalance }: Ranking,
): Terms {
  const rest = restOf(compared.distances);
  const parameters = { near, far, nearTemperature: tp, farTemperature: tn, rest };
  const { values, terms } = fusedTerms(kernels, 'rankedMeans', compared, parameters);
  const [pull, push] = values;
  return {
    values: tf.add(tf.mul(pull, 1 - imbalance), tf.mul(push, imbalance)),
    counts: tf.minimum(tf.tensor1d(terms.of.pairs), 1),
  };
}

function listOfTensors(compared: Compared, { near, far, tp, tn, imbalance }: Ranking): Terms {
  const { positives, negatives } = compared.plan;
  const [values] = anchorOp([compared.distances], ([d], save) => {
    const pull = weightedMean(tf.sub(d, near), positives, tp);
    const push = weightedMean(tf.sub(far, d), negatives, tn);
    save([tf.sub(tf.mul(pull.slope, 1 - imbalance), tf.mul(push.slope, imbalance))]);
    return {
      rows: [tf.add(tf.mul(pull.value, 1 - imbalance), tf.mul(push.value, imbalance))],
      gradient: (dy, [slope]) => tf.mul(slope, dy),
    };
  });
  return { values, counts: above(tf.add(tf.sum(positives, 1), tf.sum(negatives, 1)), 0) };
}

/** Mean of the masked excesses above 0 with weights exp(T excess), and its slope in the excess; off the tape. */
function weightedMean(excess: tf.Tensor, mask: tf.Tensor, temperature: number) {
  const reach = tf.mul(tf.relu(excess), tf.minimum(mask, 1));
  const counted = tf.mul(above(excess, 0), mask);
  // All weights relative to the largest, so that none overflows.
  const largest = tf.max(reach, 1, true);
  const relative = tf.exp(tf.mul(tf.sub(reach, largest), temperature));
  const weights = tf.mul(relative, counted);
  const rest = tf.mul(tf.exp(tf.mul(largest, -temperature)), restOf(excess));
  const total = tf.add(tf.sum(weights, 1, true), rest);
  const value = tf.div(tf.sum(tf.mul(weights, reach), 1, true), total);
  const share = tf.div(weights, total);
  const bend = temperature === 0 ? 1 : tf.add(tf.mul(tf.sub(reach, value), temperature), 1);
  return { value, slope: tf.mul(share, bend) };
}

/** What each sum of weights has added to it. */
function restOf(t: tf.Tensor): number {
  return SMALL * (t.shape[1] as number);
}
