import { requirePositive, requireWithin } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { above, anchorOp } from './anchorOp.js';
import { rowExponentials } from './rowExponentials.js';

export interface TupletMarginOptions {
  /** β, slack by which a positive's angle is made smaller, degrees, in [0, 90]. */
  readonly margin: number;
  /** Scale of the similarities in the exponent, > 0. */
  readonly scale: number;
}

export const TUPLET_MARGIN_DEFAULTS: TupletMarginOptions = { margin: 5.73, scale: 64 };
export const TUPLET_MARGIN_REDUCER = 'mean';
export const TUPLET_MARGIN_DISTANCE = 'cosine';

/**
 * Tuplet margin loss: part `loss`, the sum over the anchor's positives of
 *   log( 1 + Σ_n exp(scale (s_an - cos(θ_ap - β))) ),  cos θ = s = zero - d
 * With s outside of [-1, 1], by rounding or in a space whose distances have no bound, the angle is that of the nearer
 * end and cos(θ - β) goes on as s cos β. The derivative of cos(θ - β) is infinite at s = 1 and s = -1 and is taken as
 * cos β there, so that coincident positives have a finite gradient. Once differentiable.
 * @param compared distances [n, m]; 1 - cos with zero 1, the default, is where θ is an angle
 * @throws DomainError unless 0 <= margin <= 90 and scale > 0
 * @source Yu and Tao 2019, "Deep metric learning with tuplet margin loss", ICCV, eq. 5
 */
export function tupletMarginLoss(compared: Compared, options: Partial<TupletMarginOptions> = {}): LossTerms {
  const { margin, scale } = { ...TUPLET_MARGIN_DEFAULTS, ...options };
  requireWithin(margin, 0, 'tupletMarginLoss margin', 90);
  requirePositive(scale, 'tupletMarginLoss scale');
  const { distances, plan, zero = 0 } = compared;
  const { positives, negatives } = plan;
  const beta = (margin * Math.PI) / 180;
  const [values, active] = anchorOp([distances], ([d], save) => {
    const { exponentials, sums, logSums } = rowExponentials(tf.mul(tf.sub(zero, d), scale), negatives);
    // Masked, so that what is no positive has angle 0 and no infinite derivative.
    const slack = slackened(tf.mul(tf.add(d, 1 - zero), positives), beta);
    const margins = tf.sub(logSums, tf.mul(slack.cosines, scale));
    const ofPairs = tf.mul(tf.softplus(margins), positives);
    const pull = tf.mul(tf.sigmoid(margins), positives);
    const push = tf.div(tf.sum(pull, 1, true), sums);
    save([tf.sub(tf.mul(pull, slack.slopes), tf.mul(exponentials, push))]);
    return {
      rows: [tf.sum(ofPairs, 1), tf.sum(above(ofPairs, 0), 1)],
      gradient: (dy, [slopes]) => tf.mul(slopes, tf.mul(dy, scale)),
    };
  });
  return { loss: { values, active, counts: tf.sum(positives, 1) } };
}

/** cos(θ - β) and its derivative to cos θ. @param u 1 - cos θ: sin² θ = u (2 - u) keeps its digits at small angles */
function slackened(u: tf.Tensor, beta: number): { cosines: tf.Tensor; slopes: tf.Tensor } {
  const cosine = tf.sub(1, u);
  const sine = tf.sqrt(tf.mul(tf.relu(u), tf.relu(tf.sub(2, u))));
  return {
    cosines: tf.add(tf.mul(cosine, Math.cos(beta)), tf.mul(sine, Math.sin(beta))),
    slopes: tf.sub(Math.cos(beta), tf.divNoNan(tf.mul(cosine, Math.sin(beta)), sine)),
  };
}
