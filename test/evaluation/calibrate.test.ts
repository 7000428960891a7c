import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { calibrateThreshold, type ThresholdGoal } from '../../src/evaluation/calibrate.js';

const F1 = { kind: 'f1' } as const;
const ACCURACY = { kind: 'accuracy' } as const;
const few = { resamples: 20 };

function drawnPairs(n: number, rng: Rng, step = 0) {
  const same = Array.from({ length: n }, () => rng.uniform() < 0.3);
  const draw = (is: boolean) => Math.abs((is ? 1 : 2) + 0.6 * rng.normal());
  return { same, distances: same.map((is) => (step ? Math.round(draw(is) / step) * step : draw(is))) };
}

/** Tries every threshold there is. */
function slowBest(distances: readonly number[], same: readonly boolean[], goal: ThresholdGoal) {
  const positives = same.filter(Boolean).length;
  const negatives = same.length - positives;
  const gains = [Number.NEGATIVE_INFINITY, ...new Set(distances)].map((t) => {
    const tp = same.filter((is, i) => is && distances[i] <= t).length;
    const fp = same.filter((is, i) => !is && distances[i] <= t).length;
    if (goal.kind === 'f1') return (2 * tp) / (2 * tp + fp + positives - tp);
    if (goal.kind === 'accuracy') return (tp + negatives - fp) / same.length;
    if (goal.kind === 'cost') return -(goal.ratio * fp + positives - tp) / same.length;
    return fp / negatives <= goal.rate ? tp / positives : Number.NEGATIVE_INFINITY;
  });
  return Math.max(...gains);
}

describe('calibrateThreshold', () => {
  it('gives everything by hand', () => {
    // Positives at 1, 2, 4, negatives at 3, 5, 6: best F1 up to 4, 2 * 3 / (3 + 1 + 3).
    const same = [1, 1, 0, 1, 0, 0];
    const best = calibrateThreshold([1, 2, 3, 4, 5, 6], same, F1, new Rng(1), few);
    expect(best).toMatchObject({ threshold: 4.5, accuracy: 5 / 6, precision: 3 / 4, recall: 1 });
    expect(best.falsePositiveRate).toBeCloseTo(1 / 3, 15);
    expect(best.score).toBeCloseTo(6 / 7, 15);
    expect(best.f1).toBe(best.score);
    const strict = { kind: 'falsePositiveRate', rate: 0.1 } as const;
    const safe = calibrateThreshold([1, 2, 3, 4, 5, 6], same, strict, new Rng(1), few);
    expect(safe).toMatchObject({ threshold: 2.5, falsePositiveRate: 0 });
    expect(safe.score).toBeCloseTo(2 / 3, 15);
    // One accepted negative costs as much as three missed positives: stop before it.
    const dear = calibrateThreshold([1, 2, 3, 4, 5, 6], same, { kind: 'cost', ratio: 3 }, new Rng(1), few);
    expect(dear).toMatchObject({ threshold: 2.5, score: 1 / 6 });
  });

  it.each([F1, ACCURACY, { kind: 'falsePositiveRate', rate: 0.05 }, { kind: 'cost', ratio: 4 }] as const)(
    'finds what trying all thresholds finds, with ties: %j',
    (goal) => {
      for (const step of [0, 0.25]) {
        const { distances, same } = drawnPairs(200, new Rng(2), step);
        const { score, threshold, ...rates } = calibrateThreshold(distances, same, goal, new Rng(1), few);
        const sign = goal.kind === 'cost' ? -1 : 1;
        expect(sign * score).toBeCloseTo(slowBest(distances, same, goal), 12);
        const right = same.filter((is, i) => is === distances[i] <= threshold).length;
        expect(rates.accuracy).toBeCloseTo(right / 200, 12);
        const wrong = same.filter((is, i) => !is && distances[i] <= threshold).length;
        expect(rates.falsePositiveRate).toBeCloseTo(wrong / same.filter((is) => !is).length, 12);
      }
    },
  );

  it('calls none the same where that is best, and all where that is', () => {
    const wrongWay = calibrateThreshold([1, 2, 3, 4], [0, 0, 0, 1], ACCURACY, new Rng(1), few);
    expect(wrongWay).toMatchObject({ threshold: Number.NEGATIVE_INFINITY, accuracy: 0.75, recall: 0 });
    expect(wrongWay.precision).toBeNaN();
    const all = calibrateThreshold([1, 2, 3, 4], [0, 1, 1, 1], F1, new Rng(1), few);
    expect(all).toMatchObject({ threshold: 4, recall: 1, falsePositiveRate: 1 });
  });

  it('keeps neighbouring floats apart', () => {
    const next = 1 + Number.EPSILON;
    expect(calibrateThreshold([1, next], [1, 0], ACCURACY, new Rng(1), few).threshold).toBe(1);
  });

  it('has intervals that are the same for the same seed, hold the estimate, and shrink with more pairs', () => {
    const of = (n: number) => {
      const { distances, same } = drawnPairs(n, new Rng(3));
      return calibrateThreshold(distances, same, ACCURACY, new Rng(4), { resamples: 200 });
    };
    const small = of(150);
    expect(of(150)).toEqual(small);
    const width = ([low, high]: readonly [number, number]) => high - low;
    const large = of(15_000);
    for (const { score, threshold, intervals } of [small, large]) {
      expect(score).toBeGreaterThanOrEqual(intervals.score[0]);
      expect(score).toBeLessThanOrEqual(intervals.score[1]);
      expect(threshold).toBeGreaterThanOrEqual(intervals.threshold[0]);
      expect(threshold).toBeLessThanOrEqual(intervals.threshold[1]);
    }
    // A hundred times as many pairs: about a tenth of the width.
    const ratio = width(small.intervals.score) / width(large.intervals.score);
    expect(ratio).toBeGreaterThan(5);
    expect(ratio).toBeLessThan(20);
  });

  it('covers the true threshold nearly as often as it says', () => {
    // Two normals one apart: the best threshold half way has accuracy Φ(1/2).
    const truth = 0.6914624612740131;
    let covered = 0;
    for (let run = 0; run < 40; run++) {
      const rng = new Rng(run);
      const same = Array.from({ length: 800 }, (_, i) => i % 2 === 0);
      const distances = same.map((is) => rng.normal() + (is ? 0 : 1));
      const options = { resamples: 100, confidence: 0.99 };
      const { intervals } = calibrateThreshold(distances, same, ACCURACY, rng, options);
      if (intervals.threshold[0] <= 0.5 && 0.5 <= intervals.threshold[1]) covered++;
      // Chosen and scored on the same pairs, the score leans upward, so only its lower end is held against the truth.
      expect(intervals.score[0]).toBeLessThan(truth + 0.03);
    }
    expect(covered).toBeGreaterThanOrEqual(36);
  });

  it('refuses one-sided pairs, bad numbers and flags, other lengths, and options out of range', () => {
    const rng = new Rng(1);
    const call =
      (distances: number[], same: number[], goal: ThresholdGoal = F1, options = {}) =>
      () =>
        calibrateThreshold(distances, same, goal, rng, options);
    expect(call([1, 2], [1, 1])).toThrow(/2 of 2 the same/);
    expect(call([1, 2], [0, 0])).toThrow(DomainError);
    expect(call([], [])).toThrow(DomainError);
    expect(call([1, Number.NaN], [1, 0])).toThrow(/distances row 1/);
    expect(call([1, 2], [1, 2])).toThrow(/same 1/);
    expect(call([1, 2], [1])).toThrow(ShapeError);
    expect(call([1, 2], [1, 0], { kind: 'falsePositiveRate', rate: Number.NaN })).toThrow(DomainError);
    expect(call([1, 2], [1, 0], { kind: 'cost', ratio: 0 })).toThrow(DomainError);
    expect(call([1, 2], [1, 0], F1, { confidence: 1 })).toThrow(DomainError);
    expect(call([1, 2], [1, 0], F1, { resamples: 0 })).toThrow(UsageError);
  });
});
