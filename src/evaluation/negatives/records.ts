import type { Space } from '../../core/space.js';
import type { Interval } from '../bootstrap.js';
import type { RadiusSpread } from './radii.js';

// What the statistics of negatives say, as plain JSON. NaN stands where nothing is known; JSON makes null of it.

/** A mean over anchors, or a ratio of such means, with its bootstrap interval over classes. */
export interface Estimate {
  readonly mean: number;
  readonly interval: Interval;
}

/** The same of the r or k hardest negatives. */
export interface EstimateAt extends Estimate {
  readonly k: number;
}

/** p(x-) of one arm at one temperature. */
export interface WeightSummary {
  readonly temperature: number;
  /** Standard deviation of the logits -d/τ over an anchor's negatives: root of the mean variance. */
  readonly spread: number;
  /** p(x-): probability of all negatives together, 0..1. */
  readonly mass: Estimate;
  /** Probability of the hardest negative. */
  readonly largest: Estimate;
  /** exp(entropy) of the negatives' shares: how many equal negatives would be as spread out. */
  readonly effective: Estimate;
  /** p of the r-th hardest negative, r = 1..depth: mean over anchors, and quantiles over anchors. */
  readonly pByRank: {
    readonly mean: readonly number[];
    readonly quantiles: readonly { readonly share: number; readonly p: readonly number[] }[];
  };
  /** Share of the k hardest negatives in p(x-), k = 1..depth, which is their share of the gradient to the logits. */
  readonly gradientShare: readonly number[];
  readonly gradientShareAt: readonly EstimateAt[];
}

/**
 * How many of the hardest negatives look like positives without the label. A negative is *nearer* if it is nearer than the
 * anchor's nearest positive, and *within reach* if it is no farther than the nearest ⌈quantile m⌉ of the anchor's m
 * positives. One more positive, drawn as these, would be within reach with the chance c = ⌈quantile m⌉ / (m + 1). So if a
 * share φ of the k hardest were such positives, at least φ c of them would be within reach, and
 * (share within reach) / c, at most 1, is an upper bound of φ. Distances cannot tell a hard negative from a false one, so
 * there is no better than a bound.
 * @source Blanchard, Lee, Scott 2010, "Semi-supervised novelty detection", JMLR 11, Proposition 5, for the ratio of shares
 *   as the largest possible part of a mixture; the mixture of negatives is that of Chuang et al. 2020 (debiased
 *   contrastive), arXiv:2007.00224, section 3, also used in Robinson et al. 2021, arXiv:2010.04592
 */
export interface FalseNegativeSummary {
  readonly quantile: number;
  /** Mean share of the k hardest that is nearer than the nearest positive. */
  readonly nearerAt: readonly EstimateAt[];
  /** Mean share of the k hardest within reach of the positives. */
  readonly withinAt: readonly EstimateAt[];
  /** Mean chance of a positive to be within reach. */
  readonly expected: number;
  /** Upper bound of the share of false negatives among the k hardest. */
  readonly boundAt: readonly EstimateAt[];
  /** The same among all negatives: an upper bound of the class prior τ+ that debiased losses ask for. */
  readonly boundOfAll: Estimate;
}

export interface ArmSummary {
  readonly name: string;
  readonly space: Space;
  /** By factor. */
  readonly radii: readonly RadiusSpread[];
  /** At the arm's own temperature. */
  readonly own: WeightSummary;
  /** At the temperature where its spread is that of the reference arm at its own. */
  readonly matched: WeightSummary;
  readonly falseNegatives: FalseNegativeSummary;
}

/** How the hard negatives of two arms differ on the same anchors. */
export interface PairSummary {
  /** Positions of the arms. */
  readonly arms: readonly [number, number];
  /** Share of anchors whose hardest negative differs. */
  readonly hardestDiffer: Estimate;
  /** Mean share that the r hardest of both have in common, r = 1..depth. */
  readonly overlap: readonly number[];
  readonly overlapAt: readonly EstimateAt[];
  /** Mean over anchors of Spearman's correlation of the distances to all negatives; null over the whole set. */
  readonly spearman: Estimate | null;
  /** Share of anchors whose negatives are in the same order but for ties; null over the whole set. */
  readonly sameOrder: number | null;
  /**
   * The widest gap that the second arm orders otherwise, in standard deviations of the first arm's distances to the
   * anchor's negatives: all pairs of negatives farther apart than that are in the same order. null over the whole set.
   */
  readonly widestInversion: number | null;
}

export interface NegativesSummary {
  /** blocks: among the items of a class-balanced block that stands for a training batch; whole: among all items. */
  readonly scope: 'blocks' | 'whole';
  readonly items: number;
  readonly classes: number;
  readonly anchors: number;
  /** Mean number of negatives of an anchor. */
  readonly negatives: number;
  /** Items of a block; null over the whole set. */
  readonly blockSize: number | null;
  readonly depth: number;
  /** Position of the arm whose spread is the measure of the others. */
  readonly reference: number;
  readonly arms: readonly ArmSummary[];
  readonly pairs: readonly PairSummary[];
}

/** Values behind a summary: one an anchor, or `depth`, row-major. */
export interface AnchorValues {
  /** Rows, ascending. */
  readonly rows: Int32Array;
  readonly arms: readonly ArmValues[];
}

export interface ArmValues {
  /** [anchors, depth] rows of the hardest negatives, hardest first, -1 beyond the last. */
  readonly nearest: Int32Array;
  /** [anchors, depth] their distances, NaN beyond the last. */
  readonly distances: Float64Array;
  readonly own: WeightValues;
  readonly matched: WeightValues;
}

export interface WeightValues {
  readonly mass: Float64Array;
  readonly largest: Float64Array;
  readonly effective: Float64Array;
}

export interface NegativeStatistics {
  readonly summary: NegativesSummary;
  readonly anchors: AnchorValues;
}
