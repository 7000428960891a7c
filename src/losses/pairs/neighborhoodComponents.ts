import { requirePositive } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { rowLogSums } from './rowLogSums.js';

export interface NeighborhoodComponentsOptions {
  /** Multiplies the distances, > 0. */
  readonly softmaxScale: number;
}

export const NEIGHBORHOOD_COMPONENTS_DEFAULTS: NeighborhoodComponentsOptions = { softmaxScale: 1 };
export const NEIGHBORHOOD_COMPONENTS_REDUCER = 'mean';
export const NEIGHBORHOOD_COMPONENTS_DISTANCE = 'normalizedSquaredEuclidean';

/**
 * Neighbourhood components analysis: minus the logarithm of the probability that an anchor picks a positive when it
 * picks an item by the softmax of -scale d: part `loss`, a value an anchor,
 *   log Σ_j exp(-scale d_aj) - log Σ_p exp(-scale d_ap),  j over positives and negatives
 * An anchor without positives has no tuple. Once differentiable.
 * @param compared distances [n, m] of any space; |x - y|² of rows of norm 1 by default
 * @throws DomainError unless softmaxScale > 0
 * @source Goldberger et al. 2004, "Neighbourhood components analysis", NIPS, in the form Σ log p_i
 */
export function neighborhoodComponentsLoss(
  compared: Compared,
  options: Partial<NeighborhoodComponentsOptions> = {},
): LossTerms {
  const { softmaxScale } = { ...NEIGHBORHOOD_COMPONENTS_DEFAULTS, ...options };
  requirePositive(softmaxScale, 'neighborhoodComponentsLoss softmaxScale');
  const factors = { positive: -softmaxScale, negative: -softmaxScale };
  const { positive, negative, positives } = rowLogSums(compared, factors);
  const counts = tf.minimum(positives, 1);
  return { loss: { values: tf.mul(tf.softplus(tf.sub(negative, positive)), counts), counts } };
}
