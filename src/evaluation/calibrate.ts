import { requireFinite, requireInteger, requireLength, requirePositive } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import type { Rng } from '../core/rng.js';
import { type Interval, percentileInterval, requireShare } from './bootstrap.js';
import { bestCut, type Cut, type PairGroups, pairGroups, resampled } from './thresholdCut.js';

/** What a threshold shall achieve. A positive is a pair of the same; it is accepted if its distance is small. */
export type ThresholdGoal =
  /** The largest F1. */
  | { readonly kind: 'f1' }
  /** The largest share of right decisions. */
  | { readonly kind: 'accuracy' }
  /** The largest share of accepted positives with at most this share of the negatives accepted, 0..1. */
  | { readonly kind: 'falsePositiveRate'; readonly rate: number }
  /** The least mean cost, a missed positive costing 1 and an accepted negative `ratio` > 0. */
  | { readonly kind: 'cost'; readonly ratio: number };

export interface CalibrationOptions {
  /** Bootstrap samples, >= 1. Default 1000; each takes time in proportion to the pairs. */
  readonly resamples?: number;
  /** Share of them that the intervals hold, between 0 and 1. Default 0.95. */
  readonly confidence?: number;
}

export interface ThresholdCalibration {
  /** Pairs at most this far apart are called the same. -Infinity if the goal is met best by calling none the same. */
  readonly threshold: number;
  /** What the goal maximises, F1, accuracy or share of accepted positives, or the mean cost, which it minimises. */
  readonly score: number;
  /** Percentiles over the bootstrap samples, each with its own best threshold. */
  readonly intervals: { readonly threshold: Interval; readonly score: Interval };
  readonly accuracy: number;
  readonly f1: number;
  /** Share of positives among the accepted; NaN where none is accepted. */
  readonly precision: number;
  /** Share of the positives that are accepted. */
  readonly recall: number;
  /** Share of the negatives that are accepted. */
  readonly falsePositiveRate: number;
}

/**
 * The distance up to which two items should be called the same, from pairs whose answer is known. Of thresholds that
 * serve the goal equally the smallest is taken; it lies half way between the last accepted distance and the next, or
 * at the largest distance. Scores are those of the pairs it was chosen on, so a little too good. The bootstrap draws
 * positives and negatives apart, each as many as there are, and takes pairs as independent: intervals are too narrow
 * where one item stands in many pairs. But for a false positive rate, a threshold settles slowly, with the cube root
 * of the number of pairs, so that its interval is a guide, not a guarantee. One sort, then time in proportion to pairs.
 * @param distances one a pair, finite @param same true or 1: the pair is a positive; false or 0: it is not
 * @param rng draws the bootstrap samples
 * @throws ShapeError for other lengths; DomainError naming a pair whose distance is not finite or whose flag is no
 *   flag, for pairs of one side only, and for a rate, ratio or confidence out of range; UsageError for resamples
 * @source Efron and Tibshirani 1993, "An introduction to the bootstrap", chapter 13, for percentile intervals; Kim and
 *   Pollard 1990, "Cube root asymptotics"
 */
export function calibrateThreshold(
  distances: ArrayLike<number>,
  same: ArrayLike<boolean | number>,
  goal: ThresholdGoal,
  rng: Rng,
  { resamples = 1000, confidence = 0.95 }: CalibrationOptions = {},
): ThresholdCalibration {
  const who = 'calibrateThreshold';
  requireLength(same.length, distances.length, `${who} same`);
  requireFinite(distances, 1, `${who} distances`);
  requireInteger(resamples, 1, `${who} resamples`);
  requireShare(confidence, `${who} confidence`);
  const groups = pairGroups(distances, flagsOf(same, who));
  const { positives, negatives } = groups;
  const gain = gainOf(goal, positives, negatives, who);
  const cut = bestCut(groups, groups, gain);
  const sign = goal.kind === 'cost' ? -1 : 1;
  const thresholds = new Float64Array(resamples);
  const scores = new Float64Array(resamples);
  for (let b = 0; b < resamples; b++) {
    const drawn = bestCut(groups, resampled(groups, rng), gain);
    thresholds[b] = drawn.threshold;
    scores[b] = sign * drawn.gain;
  }
  return {
    threshold: cut.threshold,
    score: sign * cut.gain,
    intervals: {
      threshold: percentileInterval(thresholds, confidence),
      score: percentileInterval(scores, confidence),
    },
    ...ratesAt(cut, groups),
  };
}

type Gain = (accepted: number, wronglyAccepted: number) => number;

/** What to maximise, of the positives and negatives that are accepted. */
function gainOf(goal: ThresholdGoal, positives: number, negatives: number, who: string): Gain {
  const pairs = positives + negatives;
  switch (goal.kind) {
    case 'f1':
      return (tp, fp) => (2 * tp) / (tp + fp + positives);
    case 'accuracy':
      return (tp, fp) => (tp + negatives - fp) / pairs;
    case 'falsePositiveRate': {
      const { rate } = goal;
      if (!(rate >= 0 && rate <= 1)) {
        throw new DomainError(expectation(`${who} rate`, 'a share 0..1', rate, 'check the goal'));
      }
      return (tp, fp) => (fp / negatives <= rate ? tp / positives : Number.NEGATIVE_INFINITY);
    }
    case 'cost': {
      const { ratio } = goal;
      requirePositive(ratio, `${who} ratio`);
      return (tp, fp) => -(positives - tp + ratio * fp) / pairs;
    }
  }
}

function ratesAt({ accepted: tp, wronglyAccepted: fp }: Cut, { positives, negatives }: PairGroups) {
  return {
    accuracy: (tp + negatives - fp) / (positives + negatives),
    f1: (2 * tp) / (tp + fp + positives),
    precision: tp / (tp + fp),
    recall: tp / positives,
    falsePositiveRate: fp / negatives,
  };
}

function flagsOf(same: ArrayLike<boolean | number>, who: string): Uint8Array {
  const flags = new Uint8Array(same.length);
  let positives = 0;
  for (let i = 0; i < same.length; i++) {
    const flag = Number(same[i]);
    if (flag !== 0 && flag !== 1) {
      throw new DomainError(
        expectation(`${who} same ${i}`, 'true, false, 1 or 0', same[i], 'repair that pair'),
      );
    }
    flags[i] = flag;
    positives += flag;
  }
  if (positives > 0 && positives < same.length) return flags;
  const got = `${positives} of ${same.length} the same`;
  throw new DomainError(
    expectation(`${who} same`, 'pairs of both sides', got, 'add pairs of the other side'),
  );
}
