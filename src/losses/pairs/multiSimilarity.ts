import { requireNumber, requirePositive } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { thresholdOf } from './ranges.js';
import { rowLogSums } from './rowLogSums.js';

export interface MultiSimilarityOptions {
  /** α, weight of positives in the exponent, in 1 / the unit of the distances, > 0. */
  readonly alpha: number;
  /** β, weight of negatives in the exponent, > 0. */
  readonly beta: number;
  /** λ, what separates positives from negatives. */
  readonly base: number;
}

export const MULTI_SIMILARITY_DEFAULTS: MultiSimilarityOptions = { alpha: 2, beta: 50, base: 0.5 };
export const MULTI_SIMILARITY_REDUCER = 'mean';
export const MULTI_SIMILARITY_DISTANCE = 'cosine';

/**
 * Multi-similarity loss: part `loss`, a value an anchor,
 *   log(1 + Σ_p exp(α (d_ap - λ))) / α + log(1 + Σ_n exp(β (λ - d_an))) / β
 * Every anchor counts, as in the paper's mean over the batch: one without pairs, as miners leave them, has the value 0.
 * Once differentiable.
 * @param compared distances [n, m] of any space, 1 - cos with zero 1 by default; where `zero` is given λ is a similarity
 * @throws DomainError unless alpha > 0, beta > 0 and base is finite
 * @source Wang et al. 2019, arXiv:1904.06627, eq. 15
 */
export function multiSimilarityLoss(
  compared: Compared,
  options: Partial<MultiSimilarityOptions> = {},
): LossTerms {
  const { alpha, beta, base } = { ...MULTI_SIMILARITY_DEFAULTS, ...options };
  requirePositive(alpha, 'multiSimilarityLoss alpha');
  requirePositive(beta, 'multiSimilarityLoss beta');
  requireNumber(base, 'multiSimilarityLoss base');
  const threshold = thresholdOf(compared, base);
  const { positive, negative } = rowLogSums(compared, { positive: alpha, negative: -beta });
  const near = tf.mul(tf.softplus(tf.sub(positive, alpha * threshold)), 1 / alpha);
  const far = tf.mul(tf.softplus(tf.add(negative, beta * threshold)), 1 / beta);
  const values = tf.add(near, far);
  return { loss: { values, counts: tf.fill(values.shape, 1) } };
}
