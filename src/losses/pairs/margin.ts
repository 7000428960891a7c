import { requireNumber, requireWithin } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import type { DividedTerms } from '../reducers.js';
import type { Compared, LossTerms } from '../terms.js';
import { above, anchorOp } from './anchorOp.js';
import { thresholdOf } from './ranges.js';

export interface MarginOptions {
  /** Half the width of the gap around the boundary. */
  readonly margin: number;
  /** Weight of β itself where it is learned, >= 0. */
  readonly nu: number;
  /** The boundary: a number, or learned as a scalar, or as [n], the classes' boundaries gathered at the anchors' labels. */
  readonly beta: number | tf.Scalar | tf.Tensor1D;
}

export const MARGIN_DEFAULTS: MarginOptions = { margin: 0.2, nu: 0, beta: 1.2 };
export const MARGIN_REDUCER = 'divisor';

/**
 * Over all triplets, max(0, d_ap - β + margin) + max(0, β - d_an + margin), as part `margin`, [n]: it falls apart into
 * a sum over the anchor's positives and one over its negatives, so no triplet is ever formed. The divisor counts the
 * two summands above 0 of all triplets. Part `beta`, where β is a tensor: ν β, once for a scalar, else of each triplet.
 * @param compared where `zero` is given, β is a similarity
 * @throws DomainError for a number out of range, ShapeError unless β is one number or one an anchor
 * @source Wu et al. 2017, "Sampling matters in deep embedding learning", arXiv:1706.07567
 */
export function marginLoss(compared: Compared, options: Partial<MarginOptions> = {}): LossTerms {
  const { margin, nu, beta } = { ...MARGIN_DEFAULTS, ...options };
  requireNumber(margin, 'marginLoss margin');
  requireWithin(nu, 0, 'marginLoss nu');
  if (typeof beta === 'number') requireNumber(beta, 'marginLoss beta');
  const { distances, plan } = compared;
  const anchors = distances.shape[0];
  if (typeof beta !== 'number' && beta.size !== 1 && beta.size !== anchors) {
    const remedy = 'gather the boundaries at the labels of the anchors';
    throw new ShapeError(expectation('marginLoss beta', `1 or ${anchors} values`, beta.size, remedy));
  }
  const ofPositives = tf.sum(plan.positives, 1, true);
  const ofNegatives = tf.sum(plan.negatives, 1, true);
  const counts = tf.reshape(tf.mul(ofPositives, ofNegatives), [-1]);
  const [values, active, divisors] = anchorOp([distances, boundary(compared, beta)], ([d, b], save) => {
    const column = tf.reshape(b, [-1, 1]);
    const far = tf.add(tf.sub(d, column), margin);
    const near = tf.sub(margin, tf.sub(d, column));
    const farther = tf.mul(above(far, 0), plan.positives);
    const nearer = tf.mul(above(near, 0), plan.negatives);
    const slope = tf.sub(tf.mul(farther, ofNegatives), tf.mul(nearer, ofPositives));
    save([slope]);
    const over = (t: tf.Tensor, mask: tf.Tensor) => tf.sum(tf.mul(t, mask), 1, true);
    const toFar = tf.mul(over(tf.relu(far), plan.positives), ofNegatives);
    const toNear = tf.mul(over(tf.relu(near), plan.negatives), ofPositives);
    const [a, b2] = [tf.sum(farther, 1, true), tf.sum(nearer, 1, true)];
    const idle = tf.mul(tf.sub(ofPositives, a), tf.sub(ofNegatives, b2));
    return {
      rows: [
        tf.add(toFar, toNear),
        tf.sub(tf.mul(ofPositives, ofNegatives), idle),
        tf.add(tf.mul(a, ofNegatives), tf.mul(b2, ofPositives)),
      ],
      gradient: (dy, [s]) => {
        const toDistances = tf.mul(s, dy);
        const toAnchors = tf.neg(tf.sum(toDistances, 1));
        return [toDistances, b.size === 1 ? tf.reshape(tf.sum(toAnchors), b.shape) : toAnchors];
      },
    };
  });
  const terms: DividedTerms = { values, counts, active, divisor: tf.sum(divisors) };
  if (typeof beta === 'number') return { margin: terms };
  return { margin: terms, beta: boundaryTerms(beta, nu, terms) };
}

function boundary(compared: Compared, beta: MarginOptions['beta']): tf.Tensor {
  if (typeof beta === 'number') return tf.scalar(thresholdOf(compared, beta));
  return compared.zero === undefined ? beta : tf.sub(compared.zero, beta);
}

function boundaryTerms(beta: tf.Tensor, nu: number, { counts, divisor }: DividedTerms): DividedTerms {
  if (beta.size > 1) {
    const values = tf.mul(tf.mul(beta, nu), counts);
    return { values, counts, active: tf.mul(counts, above(values, 0)), divisor };
  }
  const one = tf.scalar(1);
  return { values: tf.reshape(tf.mul(beta, nu), [1]), counts: tf.reshape(one, [1]), divisor: one };
}
