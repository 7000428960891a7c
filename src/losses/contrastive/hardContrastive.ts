import { requirePositive } from '../../core/checks.js';
import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { mean } from '../reducers.js';
import type { Compared, LossTerms } from '../terms.js';
import { anchorValues } from './anchorValues.js';
import { type LeastLogit, reweightedNegatives } from './reweightedNegatives.js';

interface HardnessOptions {
  /** Concentration of the weights on hard negatives, >= 0; 0 weighs all alike. Default 1. */
  readonly beta?: number;
  /** τ+, the probability that a negative is of the anchor's class, in [0, 1). */
  readonly tauPlus?: number;
  /**
   * [n, m], logits of another space: the weights are exp(beta times these) and not of the loss's own s; no gradient. With
   * beta 1 the negatives are weighted in proportion to that space's p(x-).
   */
  readonly weightLogits?: tf.Tensor2D;
}

export interface HardContrastiveOptions extends HardnessOptions {
  /** t, in the unit of the distances, > 0. Default 0.5. */
  readonly temperature?: number;
  /**
   * The least similarity zero - d that the floor allows for; -1, the default, is that of a cosine. 'batch', for distances
   * without an upper end: that of the anchor's own negatives.
   */
  readonly lowest?: LeastLogit;
}

export interface HardPairSoftmaxOptions extends HardnessOptions {
  /** The least logit that the floor allows for. Default 'batch': that of the anchor's own negatives. */
  readonly lowest?: LeastLogit;
}

/** Those of the paper's experiments on CIFAR-10. */
export const HARD_CONTRASTIVE_DEFAULTS = { temperature: 0.5, beta: 1, tauPlus: 0.1, lowest: -1 } as const;
export const HARD_CONTRASTIVE_REDUCER = 'mean';
/** Labels tell which negatives are false, so that there is no share to take off. */
export const HARD_PAIR_SOFTMAX_DEFAULTS = { beta: 1, tauPlus: 0, lowest: 'batch' } as const;

/**
 * HCL: cross-entropy of each positive against N times an estimate of the mean over true negatives, made of the anchor's
 * N negatives weighted by w = exp(β s) and with the share of false ones taken off: `positives`,
 *   log(1 + Ng / exp s+),  Ng = max( (Σ w exp s / mean w - τ+ N exp s+) / (1 - τ+),  N exp(lowest / t) )
 * where s = (zero - d) / t and β acts on s. The gradient goes through the weights unless `weightLogits` gives them; at the
 * floor it reaches nothing but the positive. Positives of an anchor without negatives count with value 0. Once
 * differentiable.
 * @param compared of any space or mixture of heads; anchors and references [n, m]
 * @throws DomainError unless temperature > 0, beta >= 0, 0 <= tauPlus < 1, lowest is finite; ShapeError for weightLogits of
 *   another shape than the distances
 * @source Robinson et al. 2021, arXiv:2010.04592, eqs. 4 and 5; Chuang et al. 2020, arXiv:2007.00224, for the floor
 */
export function hardContrastive(compared: Compared, options: HardContrastiveOptions = {}): LossTerms {
  const { temperature, lowest, ...settings } = { ...HARD_CONTRASTIVE_DEFAULTS, ...options };
  requirePositive(temperature, 'hardContrastive temperature');
  requireSettings({ lowest, ...settings }, compared.distances, 'hardContrastive');
  const { distances, plan, zero = 0 } = compared;
  const least = lowest === 'batch' ? lowest : lowest / temperature;
  const values = anchorValues(distances, (d) => {
    const s = tf.mul(tf.sub(zero, d), 1 / temperature) as tf.Tensor2D;
    const { values: ofAnchors, slopes } = reweightedNegatives(s, plan, { ...settings, least });
    return { values: ofAnchors, slopes: tf.mul(slopes, -1 / temperature) };
  });
  return { positives: { values, counts: tf.sum(plan.positives, 1) } };
}

/**
 * The debiased contrastive loss: `hardContrastive` with beta 0.
 * @source Chuang et al. 2020, arXiv:2007.00224, eq. 8 with one positive
 */
export function debiasedContrastive(
  compared: Compared,
  options: Omit<HardContrastiveOptions, 'beta' | 'weightLogits'> = {},
): LossTerms {
  return hardContrastive(compared, { ...options, beta: 0 });
}

/**
 * `hardContrastive` of logits, the mean over all positive pairs: `pairSoftmax` with its negatives weighted by their
 * hardness, which it is with beta 0. The gradient to the logits is in closed form, so that it reaches every head of
 * `mixedLogits`.
 * @param logits [n, m], -distance / temperature of one space or the sum over heads
 * @returns scalar, nats, >= 0; 0 with gradient 0 when the plan has no positive pair
 * @throws as hardContrastive
 */
export function hardPairSoftmax(
  logits: tf.Tensor2D,
  plan: PairPlan,
  options: HardPairSoftmaxOptions = {},
): tf.Scalar {
  const { lowest: least, ...settings } = { ...HARD_PAIR_SOFTMAX_DEFAULTS, ...options };
  requireSettings({ lowest: least, ...settings }, logits, 'hardPairSoftmax');
  return tf.tidy(() => {
    const values = anchorValues(logits, (s) => reweightedNegatives(s, plan, { ...settings, least }));
    return mean({ values, counts: tf.sum(plan.positives, 1) });
  });
}

interface Settings extends HardPairSoftmaxOptions {
  readonly beta: number;
  readonly tauPlus: number;
  readonly lowest: LeastLogit;
}

function requireSettings(
  { beta, tauPlus, lowest, weightLogits }: Settings,
  pairs: tf.Tensor2D,
  who: string,
): void {
  const refuse = (name: string, expected: string, got: unknown) => {
    throw new DomainError(expectation(`${who} ${name}`, expected, got, 'check this option'));
  };
  if (!(beta >= 0 && beta < Number.POSITIVE_INFINITY)) refuse('beta', 'a finite number >= 0', beta);
  if (!(tauPlus >= 0 && tauPlus < 1)) refuse('tauPlus', 'a number in [0, 1)', tauPlus);
  if (lowest !== 'batch' && !Number.isFinite(lowest)) {
    refuse('lowest', "a finite number or 'batch'", lowest);
  }
  const shape = weightLogits?.shape;
  if (!shape || (shape.length === 2 && shape.every((size, axis) => size === pairs.shape[axis]))) return;
  const remedy = 'compare the same anchors and references in both spaces';
  throw new ShapeError(expectation(`${who} weightLogits`, `shape ${pairs.shape}`, shape, remedy));
}
