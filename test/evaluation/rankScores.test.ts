import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import type { Matrix32 } from '../../src/core/matrix.js';
import type { RankReport } from '../../src/core/records.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { neighborBlocks } from '../../src/evaluation/neighborBlocks.js';
import { type RankSearchOptions, rankScores, rankScoresOf } from '../../src/evaluation/rankScores.js';
import { distanceMatrix } from '../../src/geometry/distance.js';
import { nearest } from '../../src/geometry/nearest.js';
import { matrix32, REFERENCE_TOLERANCE, randomMatrix, readFixture } from './support.js';

interface PeerCase {
  readonly name: string;
  readonly options: {
    readonly k?: number | string;
    readonly avg_of_avgs?: boolean;
    readonly return_per_class?: boolean;
  };
  readonly vectors: number[][];
  readonly labels: number[];
  readonly references?: number[][];
  readonly referenceLabels?: number[];
  readonly includesQueries?: boolean;
  readonly result: Record<string, number | number[]>;
}

const PEER = (readFixture('rankScores') as { cases: PeerCase[] }).cases;
const PLANE = { kind: 'euclidean', dim: 2 } as const;
const SCORES = {
  precision_at_1: 'precisionAt1',
  r_precision: 'rPrecision',
  mean_average_precision_at_r: 'mapAtR',
  mean_average_precision: 'meanAveragePrecision',
  mean_reciprocal_rank: 'meanReciprocalRank',
} as const;

function optionsOf({ options, references, referenceLabels, includesQueries }: PeerCase): RankSearchOptions {
  const k = options.k === 'max_bin_count' ? 'largestClass' : ((options.k ?? 'all') as number | 'all');
  return {
    k,
    recallAt: [1, 2],
    average: options.avg_of_avgs ? 'classes' : 'queries',
    perClass: options.return_per_class === true,
    ...(references && {
      references: {
        vectors: matrix32(references),
        labels: referenceLabels ?? [],
        includesQueries: includesQueries === true,
      },
    }),
  };
}

const scoresIn = ({
  precisionAt1,
  recallAt,
  meanReciprocalRank,
  meanAveragePrecision,
  ...rest
}: RankReport) => ({
  ...{ precisionAt1, meanReciprocalRank, meanAveragePrecision, recallAt },
  ...{ mapAtR: rest.mapAtR, rPrecision: rest.rPrecision },
});

/** From the definitions, in loops. */
function slowScores(
  space: Space,
  vectors: Matrix32,
  labels: readonly number[],
  k: number,
  recallAt: number[],
) {
  const d = distanceMatrix(space, vectors, vectors);
  const n = vectors.rows;
  const each = labels.flatMap((label, i) => {
    const order = labels.map((_, j) => j).filter((j) => j !== i);
    order.sort((a, b) => Math.fround(d.data[i * n + a]) - Math.fround(d.data[i * n + b]) || a - b);
    const hit = order.slice(0, k).map((j) => labels[j] === label);
    const R = labels.filter((l) => l === label).length - 1;
    if (R === 0) return [];
    const precision = (rank: number) => hit.slice(0, rank).filter(Boolean).length / rank;
    const sum = (upTo: number) =>
      hit.slice(0, upTo).reduce((total, is, r) => total + (is ? precision(r + 1) : 0), 0);
    const first = hit.indexOf(true);
    return [
      {
        precisionAt1: Number(hit[0]),
        meanReciprocalRank: first < 0 ? 0 : 1 / (first + 1),
        meanAveragePrecision: sum(k) / R,
        mapAtR: sum(R) / R,
        rPrecision: precision(R),
        recalls: recallAt.map((at) => Number(hit.slice(0, at).includes(true))),
      },
    ];
  });
  const mean = (of: (one: (typeof each)[number]) => number) =>
    each.reduce((sum, one) => sum + of(one), 0) / each.length;
  return {
    precisionAt1: mean((one) => one.precisionAt1),
    meanReciprocalRank: mean((one) => one.meanReciprocalRank),
    meanAveragePrecision: mean((one) => one.meanAveragePrecision),
    mapAtR: mean((one) => one.mapAtR),
    rPrecision: mean((one) => one.rPrecision),
    recallAt: recallAt.map((_, j) => mean((one) => one.recalls[j])),
  };
}

function pointsOf(space: Space, n: number, rng: Rng): Matrix32 {
  const rows = Array.from({ length: n }, () => {
    const x = [0.3 * rng.normal(), 0.3 * rng.normal()];
    switch (space.kind) {
      case 'lorentz':
        return [Math.sqrt(1 / -space.curvature + x[0] ** 2 + x[1] ** 2), ...x];
      case 'poincare':
        return x.map((v) => v / (1 + Math.hypot(...x)));
      case 'product':
        return [...x, ...x.map((v) => v / (2 + Math.hypot(...x))), Math.abs(rng.normal())];
      default:
        return x;
    }
  });
  return matrix32(rows);
}

const SPACES: readonly Space[] = [
  PLANE,
  { kind: 'cosine', dim: 2 },
  { kind: 'innerProduct', dim: 2 },
  { kind: 'poincare', dim: 2, curvature: -1 },
  { kind: 'lorentz', dim: 2, curvature: -0.5 },
  {
    kind: 'product',
    combine: 'sum',
    factors: [
      { space: { kind: 'cosine', dim: 2 }, weight: 2 },
      { space: { kind: 'poincare', dim: 2, curvature: -1 }, weight: 0.5 },
      { space: { kind: 'star', dim: 1 }, weight: 1 },
    ],
  },
];

describe('rankScores', () => {
  it.each(PEER.map((one) => [one.name, one] as const))('agrees with the peer: %s', async (_, one) => {
    const space = { kind: 'euclidean', dim: one.vectors[0].length } as const;
    const report = await rankScores(space, matrix32(one.vectors), one.labels, optionsOf(one));
    const below = typeof one.options.k === 'number' && report.mapAtR === undefined;
    for (const [peer, ours] of Object.entries(SCORES)) {
      const expected = one.result[peer];
      // The peer calls its values of these two wrong where k is below R.
      if (below && (ours === 'mapAtR' || ours === 'rPrecision')) continue;
      const got = Array.isArray(expected) ? report.classes?.map((scores) => scores[ours]) : [report[ours]];
      for (const [i, value] of [expected].flat().entries()) {
        expect(Math.abs((got?.[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(REFERENCE_TOLERANCE);
      }
    }
  });

  it.each(SPACES.map((space) => [space.kind, space] as const))(
    'equals the slow loop in %s space',
    async (_, space) => {
      const rng = new Rng(4);
      const vectors = pointsOf(space, 60, rng);
      const labels = Array.from({ length: 60 }, (_, i) => (i < 2 ? 100 + i : rng.below(5)));
      for (const k of [59, 12]) {
        const report = await rankScores(space, vectors, labels, { k, recallAt: [1, 3, 9] });
        const { recallAt, ...expected } = slowScores(space, vectors, labels, k, [1, 3, 9]);
        for (const [j, at] of [1, 3, 9].entries()) expect(report.recallAt[at]).toBeCloseTo(recallAt[j], 12);
        for (const key of ['precisionAt1', 'meanReciprocalRank', 'meanAveragePrecision'] as const) {
          expect(report[key]).toBeCloseTo(expected[key], 12);
        }
        if (report.mapAtR !== undefined) expect(report.mapAtR).toBeCloseTo(expected.mapAtR, 12);
        if (report.rPrecision !== undefined) expect(report.rPrecision).toBeCloseTo(expected.rPrecision, 12);
        expect([report.queries, report.leftOut, report.depth]).toEqual([58, 2, k]);
      }
    },
  );

  it('leaves mapAtR and rPrecision out where fewer ranks than R are looked at', async () => {
    const vectors = randomMatrix(20, 2, new Rng(5));
    const labels = Array.from({ length: 20 }, (_, i) => i % 2);
    const few = await rankScores(PLANE, vectors, labels, { k: 8, recallAt: [1] });
    expect('mapAtR' in few || 'rPrecision' in few).toBe(false);
    const enough = await rankScores(PLANE, vectors, labels, { k: 9, recallAt: [1] });
    expect('mapAtR' in enough && 'rPrecision' in enough).toBe(true);
  });

  it('averages class by class to the same as over queries', async () => {
    const vectors = randomMatrix(50, 2, new Rng(6));
    const labels = Array.from({ length: 50 }, (_, i) => (i % 7) * 10);
    const report = await rankScores(PLANE, vectors, labels, { perClass: true });
    expect(report.classes?.map(({ label }) => label)).toEqual([0, 10, 20, 30, 40, 50, 60]);
    const sum =
      report.classes?.reduce((total, one) => total + one.queries * one.meanAveragePrecision, 0) ?? 0;
    expect(sum / report.queries).toBeCloseTo(report.meanAveragePrecision, 12);
    const alike = await rankScores(PLANE, vectors, labels, { average: 'classes' });
    const mean = report.classes?.reduce((total, one) => total + one.meanAveragePrecision / 7, 0);
    expect(alike.meanAveragePrecision).toBeCloseTo(mean ?? Number.NaN, 12);
  });

  it('drops the query among more equal points than k', async () => {
    const vectors = matrix32(Array.from({ length: 9 }, () => [1, 2]));
    const report = await rankScores(PLANE, vectors, [0, 0, 0, 1, 1, 1, 1, 1, 1], { k: 2, recallAt: [1, 2] });
    // Ties by smaller row: the three of class 0 find each other, the six of class 1 find rows 0 and 1.
    expect(report.precisionAt1).toBeCloseTo(3 / 9, 15);
    expect(report.recallAt[2]).toBeCloseTo(3 / 9, 15);
  });

  it('is 1 throughout with one class only', async () => {
    const report = await rankScores(PLANE, randomMatrix(6, 2, new Rng(2)), [3, 3, 3, 3, 3, 3]);
    const perfect = {
      precisionAt1: 1,
      meanReciprocalRank: 1,
      meanAveragePrecision: 1,
      mapAtR: 1,
      rPrecision: 1,
    };
    expect(scoresIn(report)).toEqual({ ...perfect, recallAt: { 1: 1, 10: 1 } });
  });

  it('does not depend on threads, and counts every query', async () => {
    const vectors = randomMatrix(300, 2, new Rng(7));
    const labels = Array.from({ length: 300 }, (_, i) => i % 9);
    let done = 0;
    const one = await rankScores(PLANE, vectors, labels, {
      threads: 1,
      onProgress: (count) => (done = count),
    });
    expect(await rankScores(PLANE, vectors, labels, { threads: 2 })).toEqual(one);
    expect(done).toBe(300);
  });

  it('stops when it is told to', async () => {
    const vectors = randomMatrix(30, 2, new Rng(7));
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(rankScores(PLANE, vectors, new Array(30).fill(0), { signal })).rejects.toThrow('enough');
  });

  it('refuses labels of another length or that are no numbers, and those with nothing to find', async () => {
    const vectors = randomMatrix(3, 2, new Rng(2));
    await expect(rankScores(PLANE, vectors, [0, 1])).rejects.toThrow(ShapeError);
    await expect(rankScores(PLANE, vectors, [0, Number.NaN, 0])).rejects.toThrow(/labels row 1/);
    await expect(rankScores(PLANE, vectors, [0, 1, 2])).rejects.toThrow(DomainError);
    await expect(rankScores(PLANE, matrix32([[0, 0]]), [0])).rejects.toThrow(DomainError);
    const references = { vectors, labels: [7, 8, 9] };
    await expect(rankScores(PLANE, vectors, [0, 0, 0], { references })).rejects.toThrow(DomainError);
  });

  it('refuses vectors that are no points, naming the row', async () => {
    const vectors = matrix32([
      [0, 0],
      [1, Number.NaN],
      [2, 0],
    ]);
    await expect(rankScores(PLANE, vectors, [0, 0, 0])).rejects.toThrow(/row 1: expected finite numbers/);
    const ball = { kind: 'poincare', dim: 1, curvature: -1 } as const;
    await expect(rankScores(ball, matrix32([[0.1], [1.5]]), [0, 0])).rejects.toThrow(DomainError);
  });

  it('refuses k and recallAt that do not fit', async () => {
    const vectors = randomMatrix(20, 2, new Rng(2));
    const labels = new Array(20).fill(0);
    await expect(rankScores(PLANE, vectors, labels, { k: 0 })).rejects.toThrow(UsageError);
    await expect(rankScores(PLANE, vectors, labels, { k: 5 })).rejects.toThrow(/at most k = 5, got 10/);
    await expect(rankScores(PLANE, vectors, labels, { recallAt: [0] })).rejects.toThrow(UsageError);
    const all = await rankScores(PLANE, vectors, labels, { k: 50, recallAt: [40] });
    expect([all.depth, all.recallAt[40]]).toEqual([19, 1]);
  });

  it('refuses references that should begin with the queries and do not', async () => {
    const vectors = randomMatrix(4, 2, new Rng(2));
    const labels = [0, 0, 1, 1];
    const references = (of: Matrix32, own: number[]) => ({
      references: { vectors: of, labels: own, includesQueries: true },
    });
    const others = randomMatrix(4, 2, new Rng(3));
    await expect(rankScores(PLANE, vectors, labels, references(others, labels))).rejects.toThrow(/row 0/);
    await expect(rankScores(PLANE, vectors, labels, references(vectors, [0, 0, 1, 2]))).rejects.toThrow(
      /row 3/,
    );
    const fewer = references(randomMatrix(3, 2, new Rng(2)), [0, 0, 1]);
    await expect(rankScores(PLANE, vectors, labels, fewer)).rejects.toThrow(ShapeError);
  });
});

describe('rankScoresOf', () => {
  it('gives every score by hand: hits at ranks 2 and 4 of R = 2', () => {
    // Query 0 finds rows 3, 1, 4, 2 of labels 1, 0, 1, 0; all other queries have nothing to find.
    const labels = [0, 0, 0, 1, 2];
    const none = [-1, -1, -1, -1];
    const rows = Int32Array.of(3, 1, 4, 2, ...none, ...none, ...none, ...none);
    const report = rankScoresOf(rows, 4, labels, { recallAt: [1, 2], perClass: true });
    // Queries 1 and 2, whose rankings are empty, count 0; the last two are left out.
    expect(report.queries).toBe(3);
    expect(report.meanReciprocalRank).toBeCloseTo(1 / 2 / 3, 15);
    expect(report.meanAveragePrecision).toBeCloseTo((1 / 2 + 2 / 4) / 2 / 3, 15);
    expect(report.mapAtR).toBeCloseTo(1 / 2 / 2 / 3, 15);
    expect(report.rPrecision).toBeCloseTo(1 / 2 / 3, 15);
    expect(report.precisionAt1).toBe(0);
    expect(report.recallAt).toEqual({ 1: 0, 2: 1 / 3 });
  });

  it('ranks other references by their own labels', () => {
    const report = rankScoresOf(Int32Array.of(1, 0, 0, 1), 2, [5, 6], {
      referenceLabels: [5, 6],
      recallAt: [2],
    });
    expect(report.meanReciprocalRank).toBe(0.5);
    expect(() => rankScoresOf(Int32Array.of(1, 0), 2, [5, 6])).toThrow(ShapeError);
  });
});

describe('neighborBlocks', () => {
  it('finds what one search of all queries finds, in several blocks', async () => {
    // 2100 x 2100 neighbours are more than a block holds.
    const vectors = randomMatrix(2100, 2, new Rng(8));
    const expected = nearest(PLANE, vectors, vectors, 2099, { excludeSelf: true }).rows;
    let blocks = 0;
    let next = 0;
    for await (const { from, to, rows } of neighborBlocks(PLANE, vectors, vectors, 2099, true)) {
      expect(from).toBe(next);
      expect(rows.findIndex((row, at) => row !== expected[from * 2099 + at])).toBe(-1);
      next = to;
      blocks++;
    }
    expect([next, blocks]).toEqual([2100, 2]);
  });
});
