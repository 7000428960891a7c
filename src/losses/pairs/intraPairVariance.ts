import { requireWithin } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import { type Compared, type LossTerms, similaritiesOf, type Terms } from '../terms.js';
import { above } from './anchorOp.js';

export interface IntraPairVarianceOptions {
  /** How far a positive may be on the wrong side of the positives' mean, as a share of the mean; >= 0. */
  readonly posEps: number;
  /** The same for negatives. */
  readonly negEps: number;
}

export const INTRA_PAIR_VARIANCE_DEFAULTS: IntraPairVarianceOptions = { posEps: 0.01, negEps: 0.01 };
export const INTRA_PAIR_VARIANCE_REDUCER = 'mean';

/**
 * Narrows the spread of positives and of negatives about their own mean μ over the batch. With `zero` given it works on
 * similarities: parts `positive`, max(0, (1 - ε) μ - s)², and `negative`, max(0, s - (1 + ε) μ)²; without it on
 * distances: max(0, d - (1 + ε) μ)² and max(0, (1 - ε) μ - d)². [n, m], a value a pair; the gradient goes through μ too.
 * @throws DomainError for an eps below 0
 * @source Yu and Tao 2019, "Deep metric learning with tuplet margin loss", ICCV, the intra-pair variance loss
 */
export function intraPairVarianceLoss(
  compared: Compared,
  options: Partial<IntraPairVarianceOptions> = {},
): LossTerms {
  const { posEps, negEps } = { ...INTRA_PAIR_VARIANCE_DEFAULTS, ...options };
  requireWithin(posEps, 0, 'intraPairVarianceLoss posEps');
  requireWithin(negEps, 0, 'intraPairVarianceLoss negEps');
  const { positives, negatives } = compared.plan;
  const similar = compared.zero !== undefined;
  const measure = similar ? similaritiesOf(compared) : compared.distances;
  return {
    positive: offMean(measure, positives, posEps, similar ? -1 : 1),
    negative: offMean(measure, negatives, negEps, similar ? 1 : -1),
  };
}

/** max(0, sign (x - (1 + sign ε) μ))² over the mask, μ the mean of x over it. */
function offMean(x: tf.Tensor2D, mask: tf.Tensor2D, eps: number, sign: 1 | -1): Terms {
  const factor = 1 + sign * eps;
  const op = tf.customGrad((...args) => {
    const [v, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const share = tf.divNoNan(mask, tf.sum(mask));
    const center = tf.mul(tf.sum(tf.mul(v, share)), factor);
    const excess = tf.mul(tf.mul(tf.sub(v, center), sign), mask);
    const reach = tf.relu(excess);
    save([tf.mul(tf.mul(above(excess, 0), reach), 2 * sign), share]);
    const gradFunc = (dy: tf.Tensor, [slope, shares]: tf.Tensor[]) => {
      const direct = tf.mul(dy, slope);
      return tf.sub(direct, tf.mul(shares, tf.mul(tf.sum(direct), factor)));
    };
    return { value: tf.square(reach), gradFunc };
  });
  return { values: op(x), counts: mask };
}
