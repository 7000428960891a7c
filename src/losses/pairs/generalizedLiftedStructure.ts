import { requireNumber } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { LIFTED_STRUCTURE_DEFAULTS, type LiftedStructureOptions } from './liftedStructure.js';
import { thresholdOf } from './ranges.js';
import { rowLogSums } from './rowLogSums.js';

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
  const { positive, negative, positives, negatives } = rowLogSums(compared, { positive: 1, negative: -1 });
  const near = tf.mul(tf.sub(positive, thresholdOf(compared, posMargin)), tf.minimum(positives, 1));
  const far = tf.mul(tf.add(negative, thresholdOf(compared, negMargin)), tf.minimum(negatives, 1));
  const values = tf.relu(tf.add(near, far));
  return { loss: { values, counts: tf.fill(values.shape, 1) } };
}
