import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import type { PairPlan } from '../../../src/engine/records.js';
import * as tf from '../../../src/engine/tf.js';
import { hardPairSoftmax } from '../../../src/losses/contrastive/hardContrastive.js';
import { pairSoftmax } from '../../../src/losses/contrastive/pairSoftmax.js';
import { supConLoss } from '../../../src/losses/pairs/supCon.js';
import { tripletMarginLoss } from '../../../src/losses/pairs/tripletMargin.js';
import { mean, reduceTerms } from '../../../src/losses/reducers.js';
import {
  EASY_TO_HARD,
  type HardnessWindow,
  negativesInWindow,
  windowAt,
} from '../../../src/sampling/negatives/curriculum.js';
import {
  type Combination,
  combineHardest,
  hardestNegatives,
} from '../../../src/sampling/negatives/hardest.js';
import { pairsOfLabels } from '../../../src/sampling/pairs.js';
import { leakedTensors } from '../../laws/gradient.js';

beforeAll(async () => {
  await openEngine();
});

const LABELS = [0, 1, 0, 2, 1, 0, 2, 3, 3];
const n = LABELS.length;
const isNegative = (i: number, j: number) => LABELS[i] !== LABELS[j];
const plan = (labels: readonly number[] = LABELS): PairPlan =>
  tf.scope(() => pairsOfLabels(tf.tensor1d([...labels], 'int32')));

/** Logits in steps of a quarter, so that many tie. */
function steps(seed: number): number[][] {
  const rng = new Rng(seed);
  return Array.from({ length: n }, () => Array.from({ length: n }, () => -rng.below(12) / 4));
}
const [A, B, C] = [1, 2, 3].map(steps);

const perPair = (f: (i: number, j: number) => boolean): number[][] =>
  LABELS.map((_, i) => LABELS.map((__, j) => (isNegative(i, j) && f(i, j) ? 1 : 0)));

/** How many of an anchor's negatives are strictly harder than a logit. */
const harder = (s: readonly number[][], i: number, than: number) =>
  s[i].filter((value, j) => isNegative(i, j) && value > than).length;
const isHard = (s: readonly number[][], r: number) => (i: number, j: number) => harder(s, i, s[i][j]) < r;

const COMBINED: Readonly<Record<Combination, (hard: readonly boolean[]) => boolean>> = {
  union: (hard) => hard.some(Boolean),
  intersection: (hard) => hard.every(Boolean),
  difference: ([first, ...others]) => first && !others.some(Boolean),
  symmetricDifference: (hard) => hard.some(Boolean) && !hard.every(Boolean),
};

const negativesOf = (f: () => PairPlan): number[][] => tf.tidy(() => f().negatives.arraySync());

describe('hardestNegatives', () => {
  it.each([1, 3, 7, 50])(
    'are those with fewer than r = %i harder ones, ties with the last among them',
    (r) => {
      const got = tf.tidy(() => hardestNegatives(tf.tensor2d(A), plan().negatives, r).arraySync());
      expect(got).toEqual(perPair(isHard(A, r)));
    },
  );

  it('are none where an anchor has no negative, and fewer columns than r are no error', () => {
    const got = tf.tidy(() =>
      hardestNegatives(tf.tensor2d([[-1, -2, -3]]), tf.tensor2d([[0, 0, 0]]), 5).arraySync(),
    );
    expect(got).toEqual([[0, 0, 0]]);
  });

  it('carry a NaN of the logits', () => {
    const broken = A.map((row, i) => row.map((s, j) => (i === 1 && j === 2 ? Number.NaN : s)));
    const got = tf.tidy(() => hardestNegatives(tf.tensor2d(broken), plan().negatives, 2).arraySync());
    expect(got[1][2]).toBeNaN();
  });

  it('refuse r below 1 and logits of another shape', () => {
    const of = (r: number, m: number) => () =>
      tf.tidy(() => hardestNegatives(tf.zeros([n, m]), plan().negatives, r));
    for (const r of [0, 1.5, Number.NaN]) expect(of(r, n)).toThrow(UsageError);
    expect(of(1, n - 1)).toThrow(ShapeError);
  });
});

describe('combineHardest', () => {
  const combinations = Object.keys(COMBINED) as Combination[];
  it.each(combinations)('is the %s pair by pair, of one, two and three spaces', (combine) => {
    for (const spaces of [[A], [A, B], [A, B, C]]) {
      for (const r of [1, 3]) {
        const got = negativesOf(() =>
          combineHardest(
            plan(),
            spaces.map((s) => tf.tensor2d(s)),
            { r, combine },
          ),
        );
        const hard = (i: number, j: number) => spaces.map((s) => isHard(s, r)(i, j));
        expect(got).toEqual(perPair((i, j) => COMBINED[combine](hard(i, j))));
      }
    }
  });

  it('keeps the positives, and chooses nothing by difference where two spaces rank alike', () => {
    tf.tidy(() => {
      const all = plan();
      const twice = tf.tensor2d(A);
      const got = combineHardest(all, [twice, tf.mul(twice, 3)], { r: 2, combine: 'symmetricDifference' });
      expect(got.positives.arraySync()).toEqual(all.positives.arraySync());
      expect(tf.sum(got.negatives).dataSync()[0]).toBe(0);
    });
  });

  it('refuses no space and an unknown combination', () => {
    const of = (spaces: tf.Tensor2D[], combine: string) => () =>
      combineHardest(plan(), spaces, { r: 1, combine: combine as Combination });
    expect(of([], 'union')).toThrow(UsageError);
    expect(of([tf.zeros([n, n])], 'exclusive')).toThrow(UsageError);
  });
});

describe('negativesInWindow', () => {
  /** Ranks of the ends among the sorted logits, in whole numbers of twentieths, so that nothing rounds. */
  const kept = (s: readonly number[][], low: number, high: number) =>
    perPair((i, j) => {
      const sorted = s[i].filter((_, k) => isNegative(i, k)).sort((a, b) => b - a);
      const N = sorted.length;
      const first = Math.min(Math.floor(((20 - high) * N) / 20), N - 1);
      const last = Math.max(Math.ceil(((20 - low) * N) / 20) - 1, first);
      return s[i][j] <= sorted[first] && s[i][j] >= sorted[last];
    });

  it.each([
    [0, 20],
    [0, 10],
    [10, 20],
    [18, 20],
    [7, 13],
    [5, 5],
    [0, 0],
    [20, 20],
  ])('keeps the negatives between the quantiles %i and %i twentieths, ties with an end too', (low, high) => {
    for (const s of [A, B]) {
      const window = { low: low / 20, high: high / 20 };
      expect(negativesOf(() => negativesInWindow(plan(), tf.tensor2d(s), window))).toEqual(
        kept(s, low, high),
      );
    }
  });

  it('leaves a negative to every anchor that has one, and none to the others', () => {
    const labels = [0, 0, 0, 1];
    const s = tf.tensor2d(A.slice(0, 4).map((row) => row.slice(0, 4)));
    for (const at of [0, 0.3, 1]) {
      const got = negativesOf(() => negativesInWindow(plan(labels), s, { low: at, high: at }));
      expect(got.map((row) => Math.sign(row.reduce((x, y) => x + y)))).toEqual([1, 1, 1, 1]);
    }
    expect(negativesOf(() => negativesInWindow(plan([5, 5, 5, 5]), s, { low: 0, high: 1 })).flat()).toEqual(
      new Array(16).fill(0),
    );
    s.dispose();
  });

  it('refuses a window that is none', () => {
    const windows: HardnessWindow[] = [
      { low: 0.5, high: 0.4 },
      { low: -0.1, high: 1 },
      { low: 0, high: 1.1 },
      { low: Number.NaN, high: 1 },
    ];
    for (const window of windows) {
      expect(() => tf.scope(() => negativesInWindow(plan(), tf.tensor2d(A), window))).toThrow(DomainError);
    }
  });
});

describe('windowAt', () => {
  it('moves linearly from stage to stage and stays at the ends', () => {
    const schedule = [
      { at: 0.2, low: 0, high: 0.5 },
      { at: 0.6, low: 0.4, high: 0.9 },
      { at: 0.8, low: 0.9, high: 1 },
    ];
    expect(windowAt(schedule, 0)).toEqual({ low: 0, high: 0.5 });
    expect(windowAt(schedule, 0.2)).toEqual({ low: 0, high: 0.5 });
    const middle = windowAt(schedule, 0.4);
    expect(middle.low).toBeCloseTo(0.2, 12);
    expect(middle.high).toBeCloseTo(0.7, 12);
    expect(windowAt(schedule, 1)).toEqual({ low: 0.9, high: 1 });
    expect(windowAt(EASY_TO_HARD, 1)).toEqual({ low: 0.9, high: 1 });
  });

  it('refuses no stage, stages out of order, shares out of range', () => {
    const stage = { at: 0.5, low: 0, high: 1 };
    expect(() => windowAt([], 0)).toThrow(UsageError);
    expect(() => windowAt([stage, stage], 0)).toThrow(UsageError);
    expect(() => windowAt([{ ...stage, low: 1.5 }], 0)).toThrow(DomainError);
    for (const progress of [-0.1, 1.1, Number.NaN])
      expect(() => windowAt([stage], progress)).toThrow(DomainError);
  });
});

describe('a plan of chosen negatives', () => {
  const LOSSES: Readonly<Record<string, (logits: tf.Tensor2D, chosen: PairPlan) => tf.Scalar>> = {
    pairSoftmax,
    hardPairSoftmax: (logits, chosen) => hardPairSoftmax(logits, chosen, { tauPlus: 0.1 }),
    supCon: (logits, chosen) =>
      reduceTerms(supConLoss({ distances: tf.neg(logits), plan: chosen }, { temperature: 1 }), mean),
    tripletMargin: (logits, chosen) =>
      reduceTerms(tripletMarginLoss({ distances: tf.neg(logits), plan: chosen }), mean),
  };
  const CHOICES: Readonly<Record<string, (logits: tf.Tensor2D) => PairPlan>> = {
    union: (x) => combineHardest(plan(), [x, tf.mul(x, x)], { r: 2, combine: 'union' }),
    difference: (x) => combineHardest(plan(), [x, tf.mul(x, x)], { r: 3, combine: 'symmetricDifference' }),
    window: (x) => negativesInWindow(plan(), x, { low: 0.3, high: 0.8 }),
  };
  const cases = Object.keys(LOSSES).flatMap((loss) => Object.keys(CHOICES).map((choice) => [loss, choice]));

  it.each(cases)(
    'goes into %s, chosen by %s, and no gradient goes through the choice',
    async (loss, choice) => {
      const x = tf.tensor2d(A.map((row, i) => row.map((s, j) => s + Math.sin(i * n + j) / 8)));
      const gradient = (choose: (logits: tf.Tensor2D) => PairPlan) =>
        tf.tidy(() =>
          tf
            .grad((t) => LOSSES[loss](t as tf.Tensor2D, choose(t as tf.Tensor2D)))(x)
            .arraySync(),
        );
      const before = tf.tidy(() => CHOICES[choice](tf.clone(x)).negatives.arraySync());
      const fixed = () => ({ ...plan(), negatives: tf.tensor2d(before) });
      expect(gradient(CHOICES[choice])).toEqual(gradient(fixed));
      expect(await leakedTensors(() => gradient(CHOICES[choice]))).toBe(0);
      x.dispose();
    },
  );
});
