import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { concatColumns, type Matrix64, matrix, row, takeRows } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { classBalancedBlocks } from '../../../src/evaluation/blocks.js';
import type { NegativesArm } from '../../../src/evaluation/negatives/arms.js';
import {
  type NegativeStatisticsOptions,
  negativeStatistics,
} from '../../../src/evaluation/negatives/negativeStatistics.js';
import { distance } from '../../../src/geometry/distance.js';
import { exp0 } from '../../../src/geometry/poincare.js';
import { FLOAT32, FLOAT64 } from '../../laws/tolerance.js';
import { randomMatrix } from '../support.js';
import { slowAnchor } from './oracle.js';

const DIM = 4;
const COSINE = { kind: 'cosine', dim: DIM } as const;
const BALL = { kind: 'poincare', dim: DIM, curvature: -0.7 } as const;
const MIXED: Space = {
  kind: 'product',
  combine: 'sum',
  factors: [
    { space: COSINE, weight: 10 },
    { space: BALL, weight: 5 },
  ],
};

const double = (m: { data: ArrayLike<number>; rows: number; columns: number }): Matrix64 =>
  matrix(Float64Array.from(m.data), m.rows, m.columns);

function inBall(n: number, seed: number) {
  const tangent = randomMatrix(n, DIM, new Rng(seed), 0.5);
  const points = new Float32Array(n * DIM);
  for (let i = 0; i < n; i++) points.set(exp0(row(tangent, i), 0.7), i * DIM);
  return matrix(points, n, DIM);
}

/** Three arms over the same random items, in float32. */
function threeArms(n: number, seed: number): NegativesArm[] {
  const flat = randomMatrix(n, DIM, new Rng(seed));
  const ball = inBall(n, seed + 1000);
  return [
    { name: 'E', space: COSINE, matrix: flat, temperature: 0.3 },
    { name: 'H', space: BALL, matrix: ball, temperature: 0.5 },
    { name: 'M', space: MIXED, matrix: concatColumns([flat, ball]), temperature: 2 },
  ];
}

const doubled = (arms: readonly NegativesArm[]) =>
  arms.map((arm) => ({ ...arm, matrix: double(arm.matrix) }));
/** Classes of 2, 3, 4, ... items, in no order; item 5 is alone in its class, and never an anchor. */
function labelsOf(n: number): Int32Array {
  const sizes = Int32Array.from({ length: n }, (_, i) => Math.floor((Math.sqrt(8 * i + 9) - 1) / 2));
  const labels = new Rng(11).shuffle(
    sizes.map((label) => (sizes.filter((l) => l === label).length > 1 ? label : 1)),
  );
  labels[labels.indexOf(labels[5], 6) < 0 ? labels.indexOf(labels[5]) : 5] = 99;
  return labels;
}
const QUICK = { resamples: 20 } as const;
const measure = (
  arms: readonly NegativesArm[],
  labels: ArrayLike<number>,
  options: NegativeStatisticsOptions = {},
) => negativeStatistics(arms, labels, new Rng(3), { ...QUICK, ...options });
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('negativeStatistics against one pair at a time', () => {
  const n = 60;
  const labels = labelsOf(n);
  const arms = doubled(threeArms(n, 1));
  const scopes = {
    blocks: classBalancedBlocks(labels, 24),
    whole: [Int32Array.from({ length: n }, (_, i) => i)],
  };

  it.each(['blocks', 'whole'] as const)('agrees with the definitions, in scope %s', async (scope) => {
    const { summary, anchors } = await measure(arms, labels, {
      scope,
      blockSize: 24,
      depth: 6,
      quantile: 0.7,
    });
    expect(summary.anchors).toBe(n - 1);
    const blockOf = (i: number) => Array.from(scopes[scope].find((rows) => rows.includes(i))!);
    const rows = Array.from(anchors.rows);
    expect(rows).toEqual(Array.from({ length: n }, (_, i) => i).filter((i) => i !== 5));
    for (const [a, arm] of arms.entries()) {
      for (const at of ['own', 'matched'] as const) {
        const { temperature, mass, largest, effective, gradientShare, pByRank } = summary.arms[a][at];
        const slow = rows.map((i) => slowAnchor(arm, labels, i, blockOf(i), temperature, 0.7));
        const close = (value: number, of: (anchor: (typeof slow)[number]) => number) =>
          expect(Math.abs(value - mean(slow.map(of)))).toBeLessThanOrEqual(FLOAT64 * Math.max(1, value));
        close(mass.mean, (anchor) => anchor.p);
        close(largest.mean, (anchor) => anchor.largest);
        close(effective.mean, (anchor) => anchor.effective);
        for (let r = 0; r < 6; r++) {
          close(pByRank.mean[r], (anchor) => anchor.pOf[r]);
          close(gradientShare[r], ({ pOf, p }) => pOf.slice(0, r + 1).reduce((x, y) => x + y, 0) / p);
        }
        for (const [slot, anchor] of slow.entries()) {
          expect(Array.from(anchors.arms[a].nearest.subarray(6 * slot, 6 * slot + 6))).toEqual(
            anchor.hardest.slice(0, 6),
          );
          expect(Math.abs(anchors.arms[a][at].mass[slot] - anchor.p)).toBeLessThanOrEqual(FLOAT64);
        }
      }
    }
  });

  it.each(['blocks', 'whole'] as const)(
    'bounds the false negatives as it says, in scope %s',
    async (scope) => {
      const { summary } = await measure(arms, labels, { scope, blockSize: 24, depth: 5, quantile: 0.7 });
      const rows = Array.from({ length: n }, (_, i) => i).filter((i) => i !== 5);
      for (const [a, arm] of arms.entries()) {
        const slow = rows.map((i) =>
          slowAnchor(arm, labels, i, Array.from(scopes[scope].find((block) => block.includes(i))!), 1, 0.7),
        );
        const { nearerAt, withinAt, boundAt, boundOfAll, expected } = summary.arms[a].falseNegatives;
        const chance = mean(slow.map((anchor) => anchor.chance));
        expect(Math.abs(expected - chance)).toBeLessThanOrEqual(FLOAT64);
        for (const [mark, k] of [1, 2, 5].entries()) {
          const nearer = mean(slow.map((anchor) => Math.min(k, anchor.nearer) / k));
          const within = mean(slow.map((anchor) => Math.min(k, anchor.within) / k));
          expect(Math.abs(nearerAt[mark].mean - nearer)).toBeLessThanOrEqual(FLOAT64);
          expect(Math.abs(withinAt[mark].mean - within)).toBeLessThanOrEqual(FLOAT64);
          expect(Math.abs(boundAt[mark].mean - Math.min(1, within / chance))).toBeLessThanOrEqual(FLOAT64);
        }
        const all = mean(slow.map((anchor) => anchor.within / anchor.hardest.length));
        expect(Math.abs(boundOfAll.mean - Math.min(1, all / chance))).toBeLessThanOrEqual(FLOAT64);
      }
    },
  );

  it('brings every arm to the spread of the reference', async () => {
    const { summary } = await measure(arms, labels, { reference: 1 });
    const { spread } = summary.arms[1].own;
    for (const { matched } of summary.arms)
      expect(Math.abs(matched.spread / spread - 1)).toBeLessThan(FLOAT64);
    expect(summary.arms[1].matched).toEqual(summary.arms[1].own);
    const slow = Array.from(labels.keys())
      .filter((i) => i !== 5)
      .map((i) => slowAnchor(arms[1], labels, i, Array.from(labels.keys()), 1, 0.5).variance);
    expect(Math.abs(spread - Math.sqrt(mean(slow)) / 0.5)).toBeLessThan(FLOAT64 * spread);
  });

  it('agrees pair by pair: hardest, overlap, rank correlation and order', async () => {
    const { summary } = await measure(arms, labels, { depth: 4 });
    const every = Array.from(labels.keys());
    for (const {
      arms: [a, b],
      hardestDiffer,
      overlap,
      sameOrder,
      widestInversion,
    } of summary.pairs) {
      const orders = every
        .filter((i) => i !== 5)
        .map((i) => [a, b].map((arm) => slowAnchor(arms[arm], labels, i, every, 1, 0.5).hardest));
      const shared = (r: number) =>
        mean(orders.map(([x, y]) => x.slice(0, r).filter((j) => y.slice(0, r).includes(j)).length / r));
      expect(Math.abs(hardestDiffer.mean - (1 - shared(1)))).toBeLessThanOrEqual(FLOAT64);
      for (let r = 1; r <= 4; r++) expect(Math.abs(overlap[r - 1] - shared(r))).toBeLessThanOrEqual(FLOAT64);
      expect(sameOrder).toBe(mean(orders.map(([x, y]) => (x.every((j, k) => j === y[k]) ? 1 : 0))));
      expect(widestInversion).toBeGreaterThan(0);
    }
  });
});

describe('negativeStatistics', () => {
  it('says the same in one block that holds all items as over the whole set', async () => {
    const arms = doubled(threeArms(70, 2));
    const labels = labelsOf(70);
    const blocks = await measure(arms, labels, { blockSize: 1000 });
    const whole = await measure(arms, labels, { scope: 'whole' });
    expect(whole.anchors).toEqual(blocks.anchors);
    expect(whole.summary.arms).toEqual(blocks.summary.arms);
    const orders = { spearman: null, sameOrder: null, widestInversion: null };
    expect(whole.summary.pairs).toEqual(blocks.summary.pairs.map((pair) => ({ ...pair, ...orders })));
  });

  it('says the same of float32 points, whose distances over the whole set are rounded', async () => {
    const arms = threeArms(70, 2);
    const labels = labelsOf(70);
    const single = await measure(arms, labels, { scope: 'whole' });
    const exact = await measure(doubled(arms), labels, { scope: 'whole' });
    for (const [a, { own, matched, falseNegatives }] of single.summary.arms.entries()) {
      const other = exact.summary.arms[a];
      for (const at of ['mass', 'largest', 'effective'] as const) {
        expect(Math.abs(own[at].mean / other.own[at].mean - 1)).toBeLessThan(FLOAT32);
        expect(Math.abs(matched[at].mean / other.matched[at].mean - 1)).toBeLessThan(FLOAT32);
      }
      expect(falseNegatives).toEqual(other.falseNegatives);
    }
    expect(single.anchors.arms.map(({ nearest }) => nearest)).toEqual(
      exact.anchors.arms.map(({ nearest }) => nearest),
    );
  });

  it('meets every item from every slice of anchors, where the whole set needs several', async () => {
    const n = 6000;
    const points = randomMatrix(n, 2, new Rng(4));
    const labels = Int32Array.from({ length: n }, (_, i) => i % 3000);
    const arm = { name: 'E', space: { kind: 'euclidean', dim: 2 }, matrix: points, temperature: 1 } as const;
    const { anchors } = await measure([arm], labels, { scope: 'whole', depth: 2 });
    const to = (i: number, j: number) => Math.fround(distance(arm.space, row(points, i), row(points, j)));
    // Slices hold 2^23 distances, 1398 anchors.
    for (const i of [0, 1397, 1398, 2795, 2796, 5999]) {
      let [best, at] = [Number.POSITIVE_INFINITY, -1];
      for (let j = 0; j < n; j++) {
        if (labels[j] !== labels[i] && to(i, j) < best) [best, at] = [to(i, j), j];
      }
      expect(anchors.arms[0].nearest[2 * i]).toBe(at);
    }
  });

  it('moves with its items: another order of rows gives every anchor the same values', async () => {
    const arms = doubled(threeArms(50, 5));
    const labels = labelsOf(50);
    const order = new Rng(6).permutation(50);
    const moved = arms.map((arm) => ({ ...arm, matrix: takeRows(arm.matrix, order) }));
    for (const scope of ['blocks', 'whole'] as const) {
      const before = await measure(arms, labels, { scope });
      const after = await measure(
        moved,
        order.map((i) => labels[i]),
        { scope },
      );
      const { depth } = before.summary;
      for (const [slot, place] of Array.from(after.anchors.rows).entries()) {
        const old = before.anchors.rows.indexOf(order[place]);
        for (const [a, arm] of after.anchors.arms.entries()) {
          const known = before.anchors.arms[a];
          expect(Math.abs(arm.own.mass[slot] - known.own.mass[old])).toBeLessThanOrEqual(FLOAT64);
          const rows = arm.nearest.subarray(slot * depth, (slot + 1) * depth).filter((j) => j >= 0);
          const was = known.nearest.subarray(old * depth, (old + 1) * depth).filter((j) => j >= 0);
          expect(rows.map((j) => order[j])).toEqual(was);
        }
      }
    }
  });

  it('ranks negatives alike at any temperature', async () => {
    const arms = threeArms(60, 7);
    const hot = arms.map((arm) => ({ ...arm, temperature: 20 * arm.temperature }));
    const [cold, warm] = [await measure(arms, labelsOf(60)), await measure(hot, labelsOf(60))];
    expect(warm.anchors.arms.map(({ nearest }) => nearest)).toEqual(
      cold.anchors.arms.map(({ nearest }) => nearest),
    );
    expect(warm.summary.pairs).toEqual(cold.summary.pairs);
    expect(warm.summary.arms.map((arm) => arm.falseNegatives)).toEqual(
      cold.summary.arms.map((arm) => arm.falseNegatives),
    );
    expect(warm.summary.arms[0].own.effective.mean).toBeGreaterThan(cold.summary.arms[0].own.effective.mean);
    // At the spread of another reference it does not matter at which temperature an arm came.
    const [, second] = warm.summary.arms;
    const reference = await measure([hot[0], arms[1]], labelsOf(60));
    expect(
      Math.abs(second.matched.temperature / reference.summary.arms[1].matched.temperature - 1),
    ).toBeLessThan(FLOAT64);
  });

  it('takes one arm, distances below 0, and points that are all the same', async () => {
    const product = {
      name: 'P',
      space: { kind: 'innerProduct', dim: DIM },
      matrix: randomMatrix(30, DIM, new Rng(8)),
      temperature: 1,
    } as const;
    const alone = await measure([product], labelsOf(30));
    expect(alone.summary.pairs).toEqual([]);
    expect(alone.summary.arms[0].own.mass.mean).toBeLessThan(1);
    const point = { ...product, name: 'same', matrix: matrix(new Float32Array(30 * DIM).fill(1), 30, DIM) };
    const { summary } = await measure([product, point], labelsOf(30));
    // All logits are alike: every negative has the same share, at any temperature.
    const { own, matched } = summary.arms[1];
    expect(own.spread).toBe(0);
    expect(Math.abs(own.effective.mean - summary.negatives)).toBeLessThan(FLOAT64 * summary.negatives);
    expect(matched.temperature).toBe(own.temperature);
    expect(summary.pairs[0].spearman?.mean).toBeNaN();
  });

  it('gives way to a signal and reports how far it is', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const run = negativeStatistics(threeArms(60, 9), labelsOf(60), new Rng(1), {
      blockSize: 10,
      signal: controller.signal,
      onProgress: (done, total) => {
        seen.push(done / total);
        if (done > 60) controller.abort(new Error('enough'));
      },
    });
    await expect(run).rejects.toThrow('enough');
    expect(seen.every((share, i) => share > (seen[i - 1] ?? 0) && share <= 1)).toBe(true);
  });

  it('refuses other lengths, one class, no positives, names twice, bad points and options', async () => {
    const [arm, second] = threeArms(12, 10);
    const labels = labelsOf(12);
    await expect(measure([arm], labels.slice(1))).rejects.toThrow(ShapeError);
    await expect(measure([arm], new Int32Array(12))).rejects.toThrow(/two classes/);
    await expect(
      measure(
        [arm],
        Int32Array.from({ length: 12 }, (_, i) => i),
      ),
    ).rejects.toThrow(/an anchor/);
    await expect(measure([arm, arm], labels)).rejects.toThrow(/names that differ/);
    await expect(measure([], labels)).rejects.toThrow(UsageError);
    await expect(measure([{ ...arm, temperature: 0 }], labels)).rejects.toThrow(DomainError);
    const broken = {
      ...second,
      matrix: matrix(
        second.matrix.data.map((v, at) => (at === 9 ? Number.NaN : v)),
        12,
        DIM,
      ),
    };
    await expect(measure([broken], labels)).rejects.toThrow(/H row 2: expected finite/);
    await expect(measure([arm], labels, { depth: 0 })).rejects.toThrow(UsageError);
    await expect(measure([arm], labels, { reference: 1 })).rejects.toThrow(UsageError);
    await expect(measure([arm], labels, { pairs: [[0, 1]] })).rejects.toThrow(UsageError);
    await expect(measure([arm], labels, { quantile: 1 })).rejects.toThrow(DomainError);
    await expect(measure([arm], labels, { matchedTemperatures: [1, 2] })).rejects.toThrow(ShapeError);
    const far = {
      name: 'far',
      space: { kind: 'euclidean', dim: 1 },
      matrix: matrix(
        Float64Array.from({ length: 12 }, (_, i) => i * 1e200),
        12,
        1,
      ),
      temperature: 1,
    } as const;
    for (const scope of ['blocks', 'whole'] as const)
      await expect(measure([far], labels, { scope })).rejects.toThrow(
        /distances of row \d+: expected finite/,
      );
  });
});
