import { requirePositive } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { rowLogSums } from './rowLogSums.js';

export interface SupConOptions {
  /** τ, in the unit of the distances, > 0. */
  readonly temperature: number;
}

export const SUP_CON_DEFAULTS: SupConOptions = { temperature: 0.1 };
export const SUP_CON_REDUCER = 'avgNonZero';
export const SUP_CON_DISTANCE = 'cosine';

/**
 * Supervised contrastive loss: the cross-entropy of finding a positive among all positives and negatives, mean over the
 * anchor's positives: part `loss`, a value an anchor,
 *   log Σ_j exp(-d_aj / τ) + mean_p d_ap / τ
 * An anchor without positives has no tuple; a batch without any negative has the loss 0. Once differentiable.
 * @param compared distances [n, m] of any space; 1 - cos by default
 * @throws DomainError unless temperature > 0
 * @source Khosla et al. 2020, arXiv:2004.11362, eq. 2 (the sum outside of the logarithm)
 */
export function supConLoss(compared: Compared, options: Partial<SupConOptions> = {}): LossTerms {
  const { temperature } = { ...SUP_CON_DEFAULTS, ...options };
  requirePositive(temperature, 'supConLoss temperature');
  const factor = -1 / temperature;
  const { positive, negative, ...rows } = rowLogSums(compared, { positive: factor, negative: factor });
  const counts = tf.mul(tf.minimum(rows.positives, 1), tf.minimum(tf.max(rows.negatives), 1));
  const toAll = tf.add(tf.softplus(tf.sub(negative, positive)), positive);
  const toPositives = tf.mul(rows.distances, tf.divNoNan(1 / temperature, rows.positives));
  return { loss: { values: tf.mul(tf.add(toAll, toPositives), counts), counts } };
}
