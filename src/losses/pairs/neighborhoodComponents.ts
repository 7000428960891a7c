import { requirePositive } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { anchorOp } from './anchorOp.js';
import { type RowExponentials, rowExponentials } from './rowExponentials.js';

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
  { distances, plan }: Compared,
  options: Partial<NeighborhoodComponentsOptions> = {},
): LossTerms {
  const { softmaxScale } = { ...NEIGHBORHOOD_COMPONENTS_DEFAULTS, ...options };
  requirePositive(softmaxScale, 'neighborhoodComponentsLoss softmaxScale');
  const { positives, negatives } = plan;
  const counts = tf.max(positives, 1, true);
  const [values] = anchorOp([distances], ([d], save) => {
    const logits = tf.mul(d, -softmaxScale);
    const near = rowExponentials(logits, positives);
    const all = rowExponentials(logits, tf.add(positives, negatives));
    const shares = (of: RowExponentials) => tf.mul(of.exponentials, tf.div(counts, of.sums));
    save([tf.sub(shares(near), shares(all))]);
    return {
      rows: [tf.mul(tf.sub(all.logSums, near.logSums), counts)],
      gradient: (dy, [slopes]) => tf.mul(slopes, tf.mul(dy, softmaxScale)),
    };
  });
  return { loss: { values, counts: tf.reshape(counts, [-1]) } };
}
