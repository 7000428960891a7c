import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix32, matrix } from '../../src/core/matrix.js';
import type { Relation } from '../../src/core/records.js';
import { Rng } from '../../src/core/rng.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { transitiveClosure } from '../../src/data/closure.js';
import { ranksInJavaScript, reconstruction } from '../../src/evaluation/reconstruction.js';
import { distanceMatrix } from '../../src/geometry/distance.js';
import { FLOAT64 } from '../laws/tolerance.js';
import { addon, available } from '../native/addon.js';

const line = (...values: number[]) => matrix(Float32Array.from(values), values.length, 1);
const LINE: Space = { kind: 'euclidean', dim: 1 };
function relationOf(...lists: number[][]): Relation {
  const offsets = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => {
    offsets[i + 1] = offsets[i] + list.length;
  });
  return { offsets, targets: Int32Array.from(lists.flat()) };
}

/** Straight from the definition: each target among the rows that are no targets; precision at each target. */
function slowly(space: Space, points: Matrix32, { offsets, targets }: Relation) {
  const n = points.rows;
  const D = distanceMatrix(space, points, points).data;
  let ranks = 0;
  let precisions = 0;
  let queries = 0;
  for (let u = 0; u < n; u++) {
    const own = [...targets.subarray(offsets[u], offsets[u + 1])];
    if (own.length === 0) continue;
    queries++;
    let sum = 0;
    for (const v of own) {
      const asFar = (w: number) => w !== u && D[u * n + w] <= D[u * n + v];
      const others = Array.from({ length: n }, (_, w) => w).filter(
        (w) => asFar(w) && !own.includes(w),
      ).length;
      ranks += 1 + others;
      const hits = own.filter(asFar).length;
      sum += hits / (hits + others);
    }
    precisions += sum / own.length;
  }
  return { meanRank: ranks / targets.length, meanAveragePrecision: precisions / queries };
}

const SPACES: readonly Space[] = [
  { kind: 'euclidean', dim: 3 },
  { kind: 'poincare', dim: 3, curvature: -0.7 },
  { kind: 'lorentz', dim: 3, curvature: -1 },
  {
    kind: 'product',
    combine: 'sum',
    factors: [
      { space: { kind: 'poincare', dim: 2, curvature: -1 }, weight: 1 },
      { space: { kind: 'star', dim: 1 }, weight: 0.5 },
    ],
  },
];

function randomPoints(space: Space, rows: number): Matrix32 {
  const rng = new Rng(11);
  const columns = columnsOf(space);
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * columns, (i + 1) * columns);
    for (let k = 0; k < columns; k++) row[k] = rng.uniform(-0.5, 0.5);
    if (space.kind === 'lorentz') row[0] = Math.hypot(1, row[1], row[2], row[3]);
    if (space.kind === 'product') row[2] = Math.abs(row[2]);
  }
  // Some rows twice, for ties.
  for (let i = 0; i < 20; i++)
    data.copyWithin(i * columns, (rows - 20 + i) * columns, (rows - 19 + i) * columns);
  return matrix(data, rows, columns);
}

/** 301 items: no whole number of tiles; parents 0 to 2 each, so that some have no targets. */
const links = Array.from({ length: 301 }, (_, i) =>
  i < 3 ? [] : [(i * 7) % i, (i * 3) % i].slice(0, i % 3),
);
const relation = transitiveClosure(links);

describe.each(SPACES)('reconstruction in $kind', (space) => {
  const points = randomPoints(space, links.length);

  it('is the slow loop over the definition', async () => {
    const expected = slowly(space, points, relation);
    const got = await reconstruction(space, points, relation);
    expect(Math.abs(got.meanRank / expected.meanRank - 1)).toBeLessThan(FLOAT64);
    expect(Math.abs(got.meanAveragePrecision - expected.meanAveragePrecision)).toBeLessThan(FLOAT64);
    expect(got.pairs).toBe(relation.targets.length);
  });

  it.skipIf(!available)('is the same with and without the addon, whatever the threads', async () => {
    const slow = ranksInJavaScript(space, points, relation);
    for (const threads of [1, 3]) {
      const fast = await addon().reconstruction(space, points, relation, { threads });
      expect(fast.rankSums).toEqual(slow.rankSums);
      fast.averagePrecisions.forEach((p, u) => {
        expect(Math.abs(p - slow.averagePrecisions[u])).toBeLessThan(FLOAT64);
      });
    }
  });
});

describe('reconstruction', () => {
  it('is perfect where targets are nearest', async () => {
    const scores = await reconstruction(LINE, line(0, 1, 10, 11), relationOf([1], [], [3], []));
    expect(scores).toEqual({ meanRank: 1, meanAveragePrecision: 1, pairs: 2, queries: 2 });
  });

  it('leaves the other targets out of a rank, but not out of a precision', async () => {
    // From 0: target at 1, stranger at 2, target at 3. Ranks 1 and 2; precisions 1 and 2/3.
    const scores = await reconstruction(LINE, line(0, 1, 2, 3), relationOf([1, 3], [], [], []));
    expect(scores.meanRank).toBe(1.5);
    expect(scores.meanAveragePrecision).toBeCloseTo(5 / 6, 12);
  });

  it('scores equal points like the worst order', async () => {
    const scores = await reconstruction(LINE, line(...new Array(50).fill(2)), relationOf([7], ...empty(49)));
    // 48 strangers are as far as the target.
    expect(scores.meanRank).toBe(49);
    expect(scores.meanAveragePrecision).toBeCloseTo(1 / 49, 12);
  });

  it('refuses rows that are no points', async () => {
    const bad = reconstruction(LINE, line(0, Number.NaN), relationOf([1], []));
    await expect(bad).rejects.toThrow(DomainError);
    await expect(bad).rejects.toThrow('row 1');
  });

  it.each([
    ['another length', relationOf([1]), ShapeError],
    ['no pairs', relationOf([], []), UsageError],
    ['an item related to itself', relationOf([0], []), UsageError],
    ['a row that is not there', relationOf([2], []), UsageError],
    ['one target twice', relationOf([1, 1], []), UsageError],
  ])('refuses a relation with %s', async (_, bad, error) => {
    await expect(reconstruction(LINE, line(0, 1), bad)).rejects.toThrow(error);
  });
});

function empty(count: number): number[][] {
  return Array.from({ length: count }, () => []);
}
