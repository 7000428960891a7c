import { requireNumber, requirePositive } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import { type Compared, type LossTerms, similaritiesOf } from '../terms.js';
import { anchorOp } from './anchorOp.js';
import { rowExponentials } from './rowExponentials.js';

export interface CircleOptions {
  /** Relaxation: positives aim at s = 1 + m with margin at 1 - m, negatives at -m with margin at m. */
  readonly m: number;
  /** γ, scale, in 1 / the unit of the distances squared, > 0. */
  readonly gamma: number;
}

export const CIRCLE_DEFAULTS: CircleOptions = { m: 0.4, gamma: 80 };
export const CIRCLE_REDUCER = 'avgNonZero';
export const CIRCLE_DISTANCE = 'cosine';

/**
 * Circle loss: part `loss`, a value an anchor, softplus( log Σ_p exp l_p + log Σ_n exp l_n ) with s = zero - d and
 *   l_p = -γ max(0, 1 + m - s) (s - 1 + m),   l_n = γ max(0, s + m) (s - m)
 * The paces max(0, ...) are weights: the gradient takes them as constants. An anchor needs a positive and a negative.
 * Once differentiable.
 * @param compared distances [n, m] of any space; 1 - cos with zero 1 by default, which is what makes m mean what it says
 * @throws DomainError unless gamma > 0 and m is finite
 * @source Sun et al. 2020, arXiv:2002.10857, eqs. 4 to 8
 */
export function circleLoss(compared: Compared, options: Partial<CircleOptions> = {}): LossTerms {
  const { m, gamma } = { ...CIRCLE_DEFAULTS, ...options };
  requireNumber(m, 'circleLoss m');
  requirePositive(gamma, 'circleLoss gamma');
  const { positives, negatives } = compared.plan;
  const counts = tf.mul(tf.max(positives, 1, true), tf.max(negatives, 1, true));
  const [values] = anchorOp([compared.distances], ([d], save) => {
    const s = similaritiesOf({ ...compared, distances: d as tf.Tensor2D });
    const pull = tf.relu(tf.sub(1 + m, s));
    const push = tf.relu(tf.add(s, m));
    const near = rowExponentials(tf.mul(pull, tf.mul(tf.sub(1 - m, s), gamma)), positives);
    const far = rowExponentials(tf.mul(push, tf.mul(tf.sub(s, m), gamma)), negatives);
    // The -1e9 of an empty row overflows nothing, and `counts` takes it out.
    const total = tf.add(near.logSums, far.logSums);
    const outer = tf.mul(tf.sigmoid(total), counts);
    const toPositives = tf.mul(tf.mul(near.exponentials, tf.div(outer, near.sums)), pull);
    const toNegatives = tf.mul(tf.mul(far.exponentials, tf.div(outer, far.sums)), push);
    save([tf.sub(toPositives, toNegatives)]);
    return {
      rows: [tf.mul(tf.softplus(total), counts)],
      gradient: (dy, [slopes]) => tf.mul(slopes, tf.mul(dy, gamma)),
    };
  });
  return { loss: { values, counts: tf.reshape(counts, [-1]) } };
}
