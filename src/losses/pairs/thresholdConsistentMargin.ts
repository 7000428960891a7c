import { requireNumber, requireWithin } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms, Terms } from '../terms.js';
import { hinge, type Side } from './hinge.js';

export interface ThresholdConsistentMarginOptions {
  /** Weight of the positives, >= 0. */
  readonly lambdaPlus: number;
  /** Weight of the negatives, >= 0. */
  readonly lambdaMinus: number;
  /** Similarity that positives should reach. */
  readonly marginPlus: number;
  /** Similarity that negatives should stay below. */
  readonly marginMinus: number;
}

export const THRESHOLD_CONSISTENT_MARGIN_DEFAULTS: ThresholdConsistentMarginOptions = {
  lambdaPlus: 1,
  lambdaMinus: 1,
  marginPlus: 0.9,
  marginMinus: 0.5,
};
export const THRESHOLD_CONSISTENT_MARGIN_REDUCER = 'mean';

/**
 * Parts `positive`, λ⁺ (m⁺ - s) over the positives with s <= m⁺, and `negative`, λ⁻ (s - m⁻) over the negatives with
 * s >= m⁻: only these pairs count, so that `mean` is over them. Meant to be added to another loss.
 * @param compared `zero` 1 with cosine distances is the published loss; margins are similarities s = zero - d always
 * @throws DomainError for a weight below 0 or a margin that is not finite
 * @source Zhang et al. 2023, arXiv:2307.04047
 */
export function thresholdConsistentMarginLoss(
  compared: Compared,
  options: Partial<ThresholdConsistentMarginOptions> = {},
): LossTerms {
  const all = { ...THRESHOLD_CONSISTENT_MARGIN_DEFAULTS, ...options };
  const { lambdaPlus, lambdaMinus, marginPlus, marginMinus } = all;
  requireWithin(lambdaPlus, 0, 'thresholdConsistentMarginLoss lambdaPlus');
  requireWithin(lambdaMinus, 0, 'thresholdConsistentMarginLoss lambdaMinus');
  requireNumber(marginPlus, 'thresholdConsistentMarginLoss marginPlus');
  requireNumber(marginMinus, 'thresholdConsistentMarginLoss marginMinus');
  const { distances, plan, zero = 0 } = compared;
  return {
    positive: violators(distances, plan.positives, zero - marginPlus, 'beyond', lambdaPlus),
    negative: violators(distances, plan.negatives, zero - marginMinus, 'within', lambdaMinus),
  };
}

function violators(
  distances: tf.Tensor2D,
  mask: tf.Tensor2D,
  threshold: number,
  side: Side,
  weight: number,
): Terms {
  const { values } = hinge(distances, mask, threshold, side);
  const wrong =
    side === 'beyond' ? tf.greaterEqual(distances, threshold) : tf.greaterEqual(threshold, distances);
  return { values: tf.mul(values, weight), counts: tf.mul(tf.cast(wrong, 'float32'), mask) };
}
