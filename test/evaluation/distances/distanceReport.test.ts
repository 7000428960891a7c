import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { type Matrix, type Matrix64, matrix, takeRows } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { type DistanceReport, distanceReport } from '../../../src/evaluation/distances/distanceReport.js';
import {
  type DistanceSource,
  spaceDistances,
  tableDistances,
} from '../../../src/evaluation/distances/distanceSource.js';
import { pairsOf, shepardReport } from '../../../src/evaluation/distortion.js';
import { neighborhoodReport } from '../../../src/evaluation/neighborhoods.js';
import { distanceMatrix } from '../../../src/geometry/distance.js';
import { FLOAT64 } from '../../laws/tolerance.js';
import { REFERENCE_TOLERANCE, randomMatrix, readReference } from '../support.js';

const flat = (points: Matrix): Space => ({ kind: 'euclidean', dim: points.columns });
const of = (points: Matrix): DistanceSource => spaceDistances(flat(points), points);
const report = (inputs: Matrix, codes: Matrix, options: object = {}): Promise<DistanceReport> =>
  distanceReport(of(inputs), of(codes), { rng: new Rng(1), ...options });
const rows64 = (rows: readonly (readonly number[])[]): Matrix64 =>
  matrix(Float64Array.from(rows.flat()), rows.length, rows[0].length);
const within = (points: Matrix): Matrix64 => distanceMatrix(flat(points), points, points);

/** Points on a grid, some of them twice: distances have many ties on both sides. */
function grid(n: number, seed: number): { inputs: Matrix; codes: Matrix } {
  const rng = new Rng(seed);
  const whole = (columns: number) =>
    rows64(Array.from({ length: n }, () => Array.from({ length: columns }, () => rng.below(4))));
  return { inputs: whole(3), codes: whole(2) };
}

/** Ranks from 1 of all other rows, ties by smaller row. */
function ranksAround(distances: Matrix64, i: number): number[] {
  const d = (j: number) => distances.data[i * distances.rows + j];
  const others = Array.from({ length: distances.rows }, (_, j) => j).filter((j) => j !== i);
  const ranks: number[] = [];
  for (const j of others) ranks[j] = 1 + others.filter((m) => d(m) < d(j) || (d(m) === d(j) && m < j)).length;
  return ranks;
}

/** Both errors by their definition, as loops. */
function relativeRankErrors(inputs: Matrix64, codes: Matrix64, k: number): [number, number] {
  const n = inputs.rows;
  let [false_, missing, worst] = [0, 0, 0];
  for (let r = 1; r <= k; r++) worst += Math.abs(n - 2 * r) / r;
  for (let i = 0; i < n; i++) {
    const [a, b] = [ranksAround(inputs, i), ranksAround(codes, i)];
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      if (b[j] <= k) false_ += Math.abs(a[j] - b[j]) / b[j];
      if (a[j] <= k) missing += Math.abs(a[j] - b[j]) / a[j];
    }
  }
  return [false_ / (n * worst), missing / (n * worst)];
}

function requireEqual(found: DistanceReport, a: Matrix64, b: Matrix64, k: number): void {
  const { spearman, pearson, ...rest } = shepardReport(pairsOf(a), pairsOf(b));
  const near = neighborhoodReport(a, b, k);
  const [mrreFalse, mrreMissing] = relativeRankErrors(a, b, k);
  const expected = {
    ...{ ...near, ...rest, shepardSpearman: spearman, shepardPearson: pearson, mrreFalse, mrreMissing },
    lcmc: near.knnRecall - k / (a.rows - 1),
  };
  for (const [name, value] of Object.entries(expected)) {
    const got = found[name as keyof typeof expected];
    if (Number.isFinite(value)) {
      expect(Math.abs(got - value), name).toBeLessThanOrEqual(FLOAT64 * Math.max(1, Math.abs(value)));
    } else expect(got, name).toBe(value);
  }
}

describe('quality.json (scikit-learn and scipy)', () => {
  const reference = readReference('quality') as { x: number[][]; z: number[][] } & Record<string, unknown>;

  it.each([5, 10])('has our measures at k = %i', async (k) => {
    const found = await report(rows64(reference.x), rows64(reference.z), { k });
    const names = [
      ...['trustworthiness', 'continuity', 'rawStress', 'kruskalStress1', 'scaledStress1', 'sammon'],
      ...['shepardSpearman', 'shepardPearson', 'worstCaseDistortion', 'averageDistortion'],
    ] as (keyof DistanceReport)[];
    for (const name of names) {
      const value = reference[name];
      const expected = typeof value === 'number' ? value : (value as Record<string, number>)[k];
      const error = Math.abs((found[name] as number) - expected);
      expect(error, name).toBeLessThanOrEqual(REFERENCE_TOLERANCE * Math.max(1, Math.abs(expected)));
    }
    if (k === 10) expect(found.knnRecall).toBeCloseTo(reference['knnRecall10'] as number, 12);
  });
});

describe('distanceReport', () => {
  it('is what loops over the definitions give, on random points', async () => {
    const rng = new Rng(2);
    const [inputs, codes] = [randomMatrix(61, 7, rng), randomMatrix(61, 2, rng)];
    requireEqual(await report(inputs, codes, { k: 6 }), within(inputs), within(codes), 6);
  });

  it('is what loops give where many distances are equal or 0', async () => {
    for (const seed of [1, 2, 3]) {
      const { inputs, codes } = grid(50, seed);
      requireEqual(await report(inputs, codes, { k: 8 }), within(inputs), within(codes), 8);
    }
  });

  it('is what loops give in curved spaces on either side', async () => {
    const rng = new Rng(4);
    const ball = matrix(
      randomMatrix(40, 3, rng).data.map((v) => v / 8),
      40,
      3,
    );
    const directions = randomMatrix(40, 4, rng);
    const [a, b] = [
      { kind: 'cosine', dim: 4 },
      { kind: 'poincare', dim: 3, curvature: -1 },
    ] as const;
    const found = await distanceReport(spaceDistances(a, directions), spaceDistances(b, ball), {
      ...{ rng: new Rng(1), k: 5 },
    });
    requireEqual(found, distanceMatrix(a, directions, directions), distanceMatrix(b, ball, ball), 5);
  });

  it('names the pairs that were stretched and shrunk most', async () => {
    const inputs = rows64([[0], [1], [3], [7], [12]]);
    const codes = rows64([[0], [5], [7], [8], [13]]);
    const { expansion, contraction } = await report(inputs, codes, { k: 2 });
    // By hand: 0 to 1 grows from 1 to 5, 3 to 7 shrinks from 4 to 1.
    expect(expansion.factor).toBe(5);
    expect([...expansion.rows].sort()).toEqual([0, 1]);
    expect(contraction.factor).toBe(4);
    expect([...contraction.rows].sort()).toEqual([2, 3]);
  });

  it('finds nothing wrong with a copy in another unit but its unit', async () => {
    const inputs = randomMatrix(80, 5, new Rng(5));
    const codes = matrix(
      Float64Array.from(inputs.data, (v) => 0.3 * v),
      80,
      5,
    );
    const found = await report(inputs, codes);
    expect(found).toMatchObject({
      trustworthiness: 1,
      continuity: 1,
      knnRecall: 1,
      mrreFalse: 0,
      mrreMissing: 0,
    });
    expect(found.shepardSpearman).toBeCloseTo(1, 12);
    expect(found.scale).toBeCloseTo(1 / 0.3, 12);
    // The closed form of least squares would leave 1e-8 here.
    expect(found.scaledStress1).toBeLessThan(1e-12);
    expect(found.worstCaseDistortion).toBeCloseTo(1, 12);
  });

  it('tells which points were torn and which were squeezed', async () => {
    const inputs = rows64(Array.from({ length: 40 }, (_, i) => [i]));
    const codes = rows64(Array.from({ length: 40 }, (_, i) => [i === 20 ? 100 : i]));
    const { points } = await report(inputs, codes, { k: 3 });
    const least = points.continuity.indexOf(Math.min(...points.continuity));
    expect(least).toBe(20);
    expect(points.stress.indexOf(Math.max(...points.stress))).toBe(20);
    expect(points.stretch.indexOf(Math.max(...points.stretch))).toBe(20);
  });

  it('gives defined values for codes that all coincide', async () => {
    const found = await report(
      randomMatrix(30, 3, new Rng(6)),
      rows64(Array.from({ length: 30 }, () => [1])),
    );
    expect(found).toMatchObject({ scaledStress1: 1, kruskalStress1: 1, averageDistortion: 1 });
    expect(found.contraction.factor).toBe(Number.POSITIVE_INFINITY);
    expect([found.shepardSpearman, found.shepardPearson]).toEqual([Number.NaN, Number.NaN]);
    expect(found.trustworthiness).toBeGreaterThan(0);
  });

  it('counts from few anchors with intervals that hold the values of all', async () => {
    const rng = new Rng(7);
    const inputs = randomMatrix(500, 6, rng);
    const codes = matrix(
      Float64Array.from({ length: 1000 }, (_, i) => inputs.data[3 * i] + 0.3 * rng.normal()),
      500,
      2,
    );
    const whole = await report(inputs, codes);
    const part = await report(inputs, codes, { anchors: 150 });
    expect(part).toMatchObject({ sampled: true, anchors: 150, n: 500 });
    expect(whole.intervals).toBeUndefined();
    for (const name of [
      'trustworthiness',
      'knnRecall',
      'shepardSpearman',
      'scaledStress1',
      'sammon',
      'rawStress',
    ] as const) {
      const [low, high] = part.intervals![name];
      expect(whole[name], name).toBeGreaterThanOrEqual(low);
      expect(whole[name], name).toBeLessThanOrEqual(high);
      expect(part[name]).toBeGreaterThanOrEqual(low);
      expect(part[name]).toBeLessThanOrEqual(high);
    }
    expect(part.worstCaseDistortion).toBeLessThanOrEqual(whole.worstCaseDistortion);
  });

  it('gives the same report for the same seed, and one for all orders of the rows', async () => {
    const rng = new Rng(8);
    const [inputs, codes] = [randomMatrix(70, 4, rng), randomMatrix(70, 2, rng)];
    const one = await report(inputs, codes, { anchors: 30 });
    expect(await report(inputs, codes, { anchors: 30 })).toEqual(one);
    const order = rng.permutation(70);
    const whole = await report(inputs, codes);
    const turned = await report(takeRows(inputs, order), takeRows(codes, order));
    for (const name of ['trustworthiness', 'mrreFalse', 'shepardSpearman', 'sammon'] as const) {
      expect(turned[name]).toBeCloseTo(whole[name], 12);
    }
  });

  it('refuses what it cannot compare, and names the row', async () => {
    const points = (n: number) => randomMatrix(n, 2, new Rng(n));
    await expect(report(points(30), points(29))).rejects.toThrow(ShapeError);
    await expect(report(points(20), points(20))).rejects.toThrow(
      /k: expected a whole number in 1\.\.9, got 10/,
    );
    await expect(report(points(20), points(20), { k: 0 })).rejects.toThrow(UsageError);
    await expect(report(points(30), points(30), { anchors: 1 })).rejects.toThrow(/anchors/);
    const same = rows64(Array.from({ length: 30 }, () => [2, 2]));
    await expect(report(same, points(30))).rejects.toThrow(/expected an input distance > 0/);
    const bad = points(30);
    bad.data[7] = Number.NaN;
    expect(() => of(bad)).toThrow(/row 3: expected finite numbers, got NaN/);
    expect(() => spaceDistances({ kind: 'innerProduct', dim: 2 }, points(3))).toThrow(/space of distances/);
    const huge = rows64(Array.from({ length: 30 }, (_, i) => [i * 1e200]));
    await expect(report(huge, points(30))).rejects.toThrow(/inputs row 0 to row 1: .* got Infinity/);
  });

  it('takes a table of distances, and refuses a table that is none', async () => {
    const { inputs, codes } = grid(40, 9);
    const [a, b] = [within(inputs), within(codes)];
    requireEqual(
      await distanceReport(tableDistances(a), tableDistances(b), { rng: new Rng(1), k: 5 }),
      a,
      b,
      5,
    );
    b.data[3 * 40 + 5] = -1;
    await expect(
      distanceReport(tableDistances(a), tableDistances(b), { rng: new Rng(1), k: 5 }),
    ).rejects.toThrow(/codes row 3 to row 5: expected a finite distance >= 0, got -1/);
    expect(() => tableDistances(matrix(new Float64Array(6), 2, 3))).toThrow(ShapeError);
    expect(() => tableDistances(matrix(new Float64Array(6), 2, 3))).not.toThrow(DomainError);
  });

  it('stops where it is asked to', async () => {
    const points = randomMatrix(600, 2, new Rng(1));
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    await expect(report(points, points, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
  });
});
