import { requirePositive } from '../../core/checks.js';
import { DomainError, expectation } from '../../core/errors.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { type AnchorValues, anchorValues } from './anchorValues.js';

/** Added to the logits of pairs that do not count; exp of it is 0 in float32. */
const EXCLUDED = -1e9;
/** Largest exponent of a positive: by then the estimate is at its floor, or has no share in the gradient. */
const LARGEST_EXPONENT = 40;

export interface HardContrastiveOptions {
  /** t, in the unit of the distances, > 0. Default 0.5. */
  readonly temperature?: number;
  /** Concentration of the weights on hard negatives, >= 0; 0 weighs all alike. Default 1. */
  readonly beta?: number;
  /** τ+, the probability that a negative is of the anchor's class, in [0, 1). Default 0.1. */
  readonly tauPlus?: number;
  /**
   * The least similarity zero - d that the floor allows for; -1, the default, is that of a cosine. -Infinity, for tauPlus
   * 0 alone, where the estimate needs no floor: in spaces without a largest distance, and for negated logits.
   */
  readonly lowest?: number;
}

/** Those of the paper's experiments on CIFAR-10. */
export const HARD_CONTRASTIVE_DEFAULTS = { temperature: 0.5, beta: 1, tauPlus: 0.1, lowest: -1 } as const;
export const HARD_CONTRASTIVE_REDUCER = 'mean';

/**
 * HCL: cross-entropy of each positive against N times an estimate of the mean over true negatives, made of the anchor's
 * N negatives weighted by w = exp(β s) and with the share of false ones taken off: `positives`,
 *   log(1 + Ng / exp s+),  Ng = max( (Σ w exp s / mean w - τ+ N exp s+) / (1 - τ+),  N exp(lowest / t) )
 * where s = (zero - d) / t and β acts on s. The gradient goes through the weights; at the floor it reaches nothing but
 * the positive. Positives of an anchor without negatives count with value 0. Once differentiable.
 * @param compared of any space or mixture of heads; anchors and references [n, m]
 * @throws DomainError unless temperature > 0, beta >= 0, 0 <= tauPlus < 1, lowest is finite or there is no tauPlus
 * @source Robinson et al. 2021, arXiv:2010.04592, eqs. 4 and 5; Chuang et al. 2020, arXiv:2007.00224, for the floor
 */
export function hardContrastive(compared: Compared, options: HardContrastiveOptions = {}): LossTerms {
  const settings = { ...HARD_CONTRASTIVE_DEFAULTS, ...options };
  requireSettings(settings);
  const { distances, plan, zero = 0 } = compared;
  const { temperature } = settings;
  const values = anchorValues(distances, (d) => {
    const s = tf.mul(tf.sub(zero, d), 1 / temperature) as tf.Tensor2D;
    const { values: ofAnchors, slopes } = reweighted(s, plan, settings);
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
  options: Omit<HardContrastiveOptions, 'beta'> = {},
): LossTerms {
  return hardContrastive(compared, { ...options, beta: 0 });
}

/** Values and their derivatives to the logits s, [n, m]. */
function reweighted(
  s: tf.Tensor2D,
  { positives, negatives }: PairPlan,
  { temperature, beta, tauPlus, lowest }: Required<HardContrastiveOptions>,
): AnchorValues {
  const count = tf.sum(negatives, 1, true);
  const masked = tf.add(s, tf.mul(tf.sub(1, negatives), EXCLUDED));
  const hardest = tf.max(masked, 1, true);
  // All exponentials below are relative to this, so that none of them overflows.
  const shift = tf.maximum(hardest, lowest / temperature);
  const e = tf.exp(tf.sub(masked, shift));
  const weights = tf.mul(negatives, tf.exp(tf.mul(tf.mul(tf.sub(s, hardest), negatives), beta)));
  const shares = tf.divNoNan(weights, tf.sum(weights, 1, true));
  const average = tf.sum(tf.mul(shares, e), 1, true);
  const near = tf.exp(tf.minimum(tf.mul(tf.sub(s, shift), positives), LARGEST_EXPONENT));
  const falseOnes = tf.mul(near, tf.mul(count, tauPlus));
  const estimate = tf.mul(tf.sub(tf.mul(count, average), falseOnes), 1 / (1 - tauPlus));
  const floor = tf.mul(count, tf.exp(tf.sub(lowest / temperature, shift)));
  const total = tf.maximum(estimate, floor);
  const margin = tf.sub(tf.add(shift, tf.log(total)), s);
  // dvalue / dNg of the positives whose estimate is above the floor.
  const free = tf.mul(positives, tf.cast(tf.greaterEqual(estimate, floor), 'float32'));
  const pull = tf.mul(free, tf.divNoNan(1 / (1 - tauPlus), tf.add(near, total)));
  const toWeighted = tf.mul(count, tf.sum(pull, 1, true));
  const slopeOfAverage = tf.sub(tf.mul(e, 1 + beta), tf.mul(average, beta));
  const toNegatives = tf.mul(tf.mul(shares, slopeOfAverage), toWeighted);
  const toPositives = tf.add(tf.mul(positives, tf.sigmoid(margin)), tf.mul(falseOnes, pull));
  return {
    values: tf.sum(tf.mul(positives, tf.softplus(margin)), 1) as tf.Tensor1D,
    slopes: tf.sub(toNegatives, toPositives) as tf.Tensor2D,
  };
}

function requireSettings({ temperature, beta, tauPlus, lowest }: Required<HardContrastiveOptions>): void {
  requirePositive(temperature, 'hardContrastive temperature');
  const refuse = (name: string, expected: string, got: number) => {
    throw new DomainError(expectation(`hardContrastive ${name}`, expected, got, 'check this option'));
  };
  if (!(beta >= 0 && beta < Number.POSITIVE_INFINITY)) refuse('beta', 'a finite number >= 0', beta);
  if (!(tauPlus >= 0 && tauPlus < 1)) refuse('tauPlus', 'a number in [0, 1)', tauPlus);
  const needsFloor = tauPlus > 0 || lowest !== Number.NEGATIVE_INFINITY;
  if (needsFloor && !Number.isFinite(lowest)) refuse('lowest', 'a finite number', lowest);
}
