import { requireNumber } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { above, anchorOp } from './anchorOp.js';
import { LIFTED_STRUCTURE_DEFAULTS, type LiftedStructureOptions } from './liftedStructure.js';
import { thresholdOf } from './ranges.js';
import { type RowExponentials, rowExponentials } from './rowExponentials.js';

export const GENERALIZED_LIFTED_STRUCTURE_DEFAULTS: LiftedStructureOptions = LIFTED_STRUCTURE_DEFAULTS;
export const GENERALIZED_LIFTED_STRUCTURE_REDUCER = 'mean';
export const GENERALIZED_LIFTED_STRUCTURE_DISTANCE = 'normalizedEuclidean';

/**
 * The lifted structure loss with all positives of an anchor in one sum: part `loss`, a value an anchor,
 *   max(0, log Σ_p exp(d_ap - posMargin) + log Σ_n exp(negMargin - d_an))
 * where a logarithm over no pairs is 0. Every anchor counts, with value 0 where it has no pairs. Once differentiable.
 * @param compared distances [n, m] of any space, |x - y| of rows of norm 1 by default; where `zero` is given the
 *   margins are similarities
 * @throws DomainError for a margin that is not finite
 * @source Hermans, Beyer, Leibe 2017, arXiv:1703.07737, eq. 7
 */
export function generalizedLiftedStructureLoss(
  compared: Compared,
  options: Partial<LiftedStructureOptions> = {},
): LossTerms {
  const { negMargin, posMargin } = { ...GENERALIZED_LIFTED_STRUCTURE_DEFAULTS, ...options };
  requireNumber(negMargin, 'generalizedLiftedStructureLoss negMargin');
  requireNumber(posMargin, 'generalizedLiftedStructureLoss posMargin');
  const { distances, plan } = compared;
  const [values] = anchorOp([distances], ([d], save) => {
    const near = rowExponentials(tf.sub(d, thresholdOf(compared, posMargin)), plan.positives);
    const far = rowExponentials(tf.sub(thresholdOf(compared, negMargin), d), plan.negatives);
    const [anyNear, anyFar] = [tf.max(plan.positives, 1, true), tf.max(plan.negatives, 1, true)];
    const total = tf.add(tf.mul(near.logSums, anyNear), tf.mul(far.logSums, anyFar));
    const costs = above(total, 0);
    const shares = (of: RowExponentials, any: tf.Tensor) =>
      tf.mul(of.exponentials, tf.div(tf.mul(costs, any), of.sums));
    save([tf.sub(shares(near, anyNear), shares(far, anyFar))]);
    return { rows: [tf.relu(total)], gradient: (dy, [slopes]) => tf.mul(slopes, dy) };
  });
  return { loss: { values, counts: tf.fill([distances.shape[0]], 1) } };
}
