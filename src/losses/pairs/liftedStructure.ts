import { requireNumber } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { above, anchorOp } from './anchorOp.js';
import { requireSquare, thresholdOf } from './ranges.js';
import { logAddExp, rowExponentials } from './rowExponentials.js';

export interface LiftedStructureOptions {
  /** Negatives nearer than this cost something. */
  readonly negMargin: number;
  /** Taken off the distance of positives. */
  readonly posMargin: number;
}

export const LIFTED_STRUCTURE_DEFAULTS: LiftedStructureOptions = { negMargin: 1, posMargin: 0 };
export const LIFTED_STRUCTURE_REDUCER = 'mean';
export const LIFTED_STRUCTURE_DISTANCE = 'normalizedEuclidean';

/**
 * Lifted structured embedding: part `loss`, the sum over the anchor's positives of
 *   max(0, J_ap)² / 2,  J_ap = log( Σ_n exp(negMargin - d_an) + Σ_n exp(negMargin - d_pn) ) + d_ap - posMargin
 * with the negatives of both ends of the pair: a logarithm of two rows' sums, so that no array is larger than [n, n]. A
 * logarithm over no negatives is 0; a batch without any has the loss 0. Once differentiable.
 * @param compared distances [n, n] of a batch to itself in any space, |x - y| of rows of norm 1 by default; where `zero`
 *   is given the margins are similarities
 * @throws ShapeError unless the distances are square; DomainError for a margin that is not finite
 * @source Oh Song et al. 2016, arXiv:1511.06452, eq. 4
 */
export function liftedStructureLoss(
  compared: Compared,
  options: Partial<LiftedStructureOptions> = {},
): LossTerms {
  const { negMargin, posMargin } = { ...LIFTED_STRUCTURE_DEFAULTS, ...options };
  requireNumber(negMargin, 'liftedStructureLoss negMargin');
  requireNumber(posMargin, 'liftedStructureLoss posMargin');
  requireSquare(compared, 'liftedStructureLoss');
  const { distances, plan } = compared;
  const pairs = tf.mul(plan.positives, tf.max(plan.negatives)) as tf.Tensor2D;
  const [values, active] = anchorOp([distances], ([d], save) => {
    const far = rowExponentials(tf.sub(thresholdOf(compared, negMargin), d), plan.negatives);
    const anyFar = tf.max(plan.negatives, 1, true);
    const ofAnchor = far.logSums;
    const ofPositive = tf.reshape(far.logSums, [1, -1]);
    const either = tf.maximum(anyFar, tf.reshape(anyFar, [1, -1]));
    const J = tf.add(
      tf.mul(logAddExp(ofAnchor, ofPositive), either),
      tf.sub(d, thresholdOf(compared, posMargin)),
    );
    const excess = tf.mul(tf.relu(J), pairs);
    // Which part of the logarithm is the anchor's own row.
    const own = tf.mul(excess, tf.sigmoid(tf.sub(ofAnchor, ofPositive)));
    save([excess, own, tf.mul(far.exponentials, tf.div(anyFar, far.sums))]);
    return {
      rows: [tf.mul(tf.sum(tf.square(excess), 1), 0.5), tf.sum(above(excess, 0), 1)],
      gradient: (dy, [slopes, ownSlopes, shares]) => {
        const toOwn = tf.mul(tf.sum(ownSlopes, 1, true), dy);
        const toOther = tf.sum(tf.mul(tf.sub(slopes, ownSlopes), dy), 0);
        const push = tf.add(toOwn, tf.reshape(toOther, [-1, 1]));
        return tf.sub(tf.mul(slopes, dy), tf.mul(shares, push));
      },
    };
  });
  return { loss: { values, active, counts: tf.sum(pairs, 1) } };
}
