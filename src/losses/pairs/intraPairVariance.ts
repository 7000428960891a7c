import { requireWithin } from '../../core/checks.js';
import { type FusedKernels, fused, type RowTerms } from '../../engine/fused.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms, Terms } from '../terms.js';
import { borrowCall, type FusedTerms, fusedTerms } from './fusedTerms.js';
import { hingeParts } from './hingeParts.js';

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
  const positive = bound(compared, posEps, 1);
  const negative = bound(compared, negEps, -1);
  const { distances, plan } = compared;
  const kernels = fused('rows');
  return hingeParts(
    plan,
    {
      positive: () => offMean(distances, plan.positives, positive, 1),
      negative: () => offMean(distances, plan.negatives, negative, -1),
    },
    kernels && (() => fusedOffMeans(kernels, compared, positive, negative)),
  );
}

/** Where distances begin to cost, slope μ + offset, μ the mean distance. */
interface Bound {
  readonly slope: number;
  readonly offset: number;
}

/** @param sign 1: what is beyond the bound costs; -1: what is within it */
function bound({ zero }: Compared, eps: number, sign: 1 | -1): Bound {
  if (zero === undefined) return { slope: 1 + sign * eps, offset: 0 };
  // (1 - sign ε) (zero - μ) as a similarity is zero minus that as a distance.
  return { slope: 1 - sign * eps, offset: sign * eps * zero };
}

/** max(0, sign (d - bound))² over the mask. */
function offMean(distances: tf.Tensor2D, mask: tf.Tensor2D, { slope, offset }: Bound, sign: 1 | -1): Terms {
  const op = tf.customGrad((...args) => {
    const [d, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const share = tf.divNoNan(mask, tf.sum(mask));
    const center = tf.add(tf.mul(tf.sum(tf.mul(d, share)), slope), offset);
    const reach = tf.relu(tf.mul(tf.sub(d, center), sign));
    const weighted = tf.mul(reach, mask);
    save([tf.mul(weighted, 2 * sign), share]);
    const gradFunc = (dy: tf.Tensor, [steepness, shares]: tf.Tensor[]) => {
      const direct = tf.mul(dy, steepness);
      return tf.sub(direct, tf.mul(shares, tf.mul(tf.sum(direct), slope)));
    };
    return { value: tf.mul(weighted, reach), gradFunc };
  });
  return { values: op(distances), counts: mask };
}

/** Both parts summed over each anchor. */
function fusedOffMeans(
  kernels: FusedKernels['rows'],
  compared: Compared,
  positive: Bound,
  negative: Bound,
): FusedTerms<'squares'> {
  const { of } = kernels.terms('sums', borrowCall(compared), {});
  const sides = [
    { ...positive, sign: 1, sum: total(of.near), count: Math.max(total(of.positives), 1) },
    { ...negative, sign: -1, sum: total(of.far), count: Math.max(total(of.negatives), 1) },
  ];
  const [near, far] = sides.map(({ slope, offset, sum, count }) => (slope * sum) / count + offset);
  // What pulls on a pair pulls, through the mean, on all of its kind.
  const parametersOf = ({ of: { nearReach, farReach } }: RowTerms<'squares'>, pulls: Float32Array) => {
    const pulled = [nearReach, farReach].map((reach, s) =>
      reach.reduce((sum, r, i) => sum + r * pulls[s * reach.length + i], 0),
    );
    const [nearShift, farShift] = sides.map(
      ({ slope, sign, count }, s) => (-2 * sign * slope * pulled[s]) / count,
    );
    return { near, far, nearShift, farShift };
  };
  const parameters = { near, far, nearShift: 0, farShift: 0 };
  return fusedTerms(kernels, 'squares', compared, parameters, parametersOf);
}

const total = (row: Float32Array) => row.reduce((sum, value) => sum + value, 0);
