import { requireInteger, requirePositive, requireWithin } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { LossTerms } from '../terms.js';
import { itemTerms } from './itemTerms.js';
import { lowered, marginCrossEntropy } from './marginCrossEntropy.js';
import { type Classified, similaritiesTo } from './similarities.js';

export interface SoftTripleOptions {
  /** Class vectors a class, >= 1; k * centersPerClass of them, class by class. */
  readonly centersPerClass?: number;
  /** λ of the paper: what turns similarities into logits, > 0. */
  readonly la?: number;
  /** Temperature of the softmax over the centers of a class, in the unit of similarity, > 0. */
  readonly gamma?: number;
  /** Taken from the similarity to the item's own class, >= 0. */
  readonly margin?: number;
}
export const SOFT_TRIPLE_DEFAULTS = { centersPerClass: 10, la: 20, gamma: 0.1, margin: 0.01 } as const;
export const SOFT_TRIPLE_REDUCER = 'mean';

/**
 * Softmax over the similarities to the classes, each the mean over its centers weighted by their softmax at temperature
 * gamma, with a margin for the item's own class: value [n], nats.
 * @throws ShapeError for shapes that do not belong together, DomainError for labels or options out of range, UsageError
 *   unless centersPerClass is a whole number >= 1
 * @source Qian et al. 2019, SoftTriple, arXiv:1909.05235, section 3.2, without the regulariser of the centers
 */
export function softTriple(input: Classified, options: SoftTripleOptions = {}): LossTerms {
  const { centersPerClass, la, gamma, margin } = { ...SOFT_TRIPLE_DEFAULTS, ...options };
  requireInteger(centersPerClass, 1, 'softTriple centersPerClass');
  requirePositive(la, 'softTriple la');
  requirePositive(gamma, 'softTriple gamma');
  requireWithin(margin, 0, 'softTriple margin');
  const { scaled, classes } = similaritiesTo(input, la, 'softTriple', centersPerClass);
  const logits = centersPerClass === 1 ? scaled : softMaximum(scaled, centersPerClass, 1 / (la * gamma));
  return itemTerms(input, () => marginCrossEntropy(logits, classes, { margin: lowered(margin), scale: la }));
}

/**
 * Σ q_c s_c over the centers of each class, q = softmax(sharpness s); closed form, ds_c: q_c (1 + sharpness (s_c - Σ)).
 * @param s [n, k * centers] @returns [n, k]
 */
function softMaximum(s: tf.Tensor2D, centers: number, sharpness: number): tf.Tensor2D {
  const [n, columns] = s.shape;
  const op = tf.customGrad((...args) => {
    const [all, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const byCenter = tf.reshape(all, [-1, centers]);
    const shares = tf.softmax(tf.mul(byCenter, sharpness));
    const mean = tf.sum(tf.mul(shares, byCenter), 1, true);
    save([byCenter, shares, mean]);
    const gradFunc = (dy: tf.Tensor, [sCenters, sShares, sMean]: tf.Tensor[]) => {
      const pull = tf.reshape(dy, [-1, 1]);
      // dy q (1 + sharpness (s - mean)) as q (a s + b) with a and b one a class.
      const rise = tf.mul(pull, sharpness);
      const rest = tf.sub(pull, tf.mul(rise, sMean));
      return tf.reshape(tf.mul(sShares, tf.add(tf.mul(sCenters, rise), rest)), [n, columns]);
    };
    return { value: tf.reshape(mean, [n, columns / centers]), gradFunc };
  });
  return op(s) as tf.Tensor2D;
}
