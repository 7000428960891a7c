import { requirePositive } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { anchorOp } from './anchorOp.js';
import { rowExponentials } from './rowExponentials.js';

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
export function supConLoss({ distances, plan }: Compared, options: Partial<SupConOptions> = {}): LossTerms {
  const { temperature } = { ...SUP_CON_DEFAULTS, ...options };
  requirePositive(temperature, 'supConLoss temperature');
  const { positives, negatives } = plan;
  const counts = tf.mul(tf.max(positives, 1, true), tf.max(negatives));
  const [values] = anchorOp([distances], ([d], save) => {
    const logits = tf.mul(d, -1 / temperature);
    const { exponentials, sums, logSums } = rowExponentials(logits, tf.add(positives, negatives));
    const share = tf.divNoNan(counts, tf.sum(positives, 1, true));
    const toPositives = tf.mul(tf.sum(tf.mul(positives, logits), 1, true), share);
    save([tf.sub(tf.mul(positives, share), tf.mul(exponentials, tf.div(counts, sums)))]);
    return {
      rows: [tf.sub(tf.mul(logSums, counts), toPositives)],
      gradient: (dy, [slopes]) => tf.mul(slopes, tf.mul(dy, 1 / temperature)),
    };
  });
  return { loss: { values, counts: tf.reshape(counts, [-1]) } };
}
