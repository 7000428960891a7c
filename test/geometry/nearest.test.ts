import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix, matrix, row } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { distance } from '../../src/geometry/distance.js';
import { nearest } from '../../src/geometry/nearest.js';
import { matrixOf, nameOf, randomPoints, SPACES } from './support.js';

/** All distances, sorted: by float32 distance, then by row. */
function slowNearest(space: Space, database: Matrix, query: ArrayLike<number>, k: number, self: number) {
  return Array.from({ length: database.rows }, (_, j) => ({
    j,
    d: Math.fround(distance(space, query, row(database, j))),
  }))
    .filter(({ j }) => j !== self)
    .sort((a, b) => a.d - b.d || a.j - b.j)
    .slice(0, k);
}

const LINE = { kind: 'euclidean', dim: 1 } as const;

describe('nearest', () => {
  it.each(SPACES.map((space) => ({ name: nameOf(space), space })))(
    'equals a full sort in $name',
    ({ space }) => {
      const database = randomPoints(space, 300, new Rng(4));
      const queries = randomPoints(space, 7, new Rng(5));
      const { rows, distances } = nearest(space, database, queries, 11);
      for (let q = 0; q < 7; q++) {
        const expected = slowNearest(space, database, row(queries, q), 11, -1);
        expect(Array.from(rows.subarray(q * 11, q * 11 + 11))).toEqual(expected.map(({ j }) => j));
        expect(Array.from(distances.subarray(q * 11, q * 11 + 11))).toEqual(expected.map(({ d }) => d));
      }
    },
  );

  it('breaks ties by the smaller row, across blocks and at the cut', () => {
    const rng = new Rng(6);
    const database = matrix(
      Float32Array.from({ length: 1000 }, () => rng.below(4)),
      1000,
      1,
    );
    const { rows } = nearest(LINE, database, matrixOf([[0], [1.5]]), 400);
    for (const [q, at] of [0, 1.5].entries()) {
      const expected = slowNearest(LINE, database, [at], 400, -1).map(({ j }) => j);
      expect(Array.from(rows.subarray(q * 400, (q + 1) * 400))).toEqual(expected);
    }
  });

  it('leaves each query out of its own neighbours, but not its duplicates', () => {
    const database = matrixOf([[0], [0], [5]]);
    const { rows, distances } = nearest(LINE, database, database, 2, { excludeSelf: true });
    expect(Array.from(rows)).toEqual([1, 2, 0, 2, 0, 1]);
    expect(Array.from(distances)).toEqual([0, 5, 0, 5, 5, 5]);
  });

  it('pads with -1 and Infinity where fewer than k exist', () => {
    const { rows, distances } = nearest(LINE, matrixOf([[1]]), matrixOf([[3]]), 3);
    expect(Array.from(rows)).toEqual([0, -1, -1]);
    expect(Array.from(distances)).toEqual([2, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    const none = matrix(new Float32Array(0), 0, 1);
    expect(Array.from(nearest(LINE, none, matrixOf([[3]]), 1).rows)).toEqual([-1]);
    expect(nearest(LINE, matrixOf([[1]]), none, 1).rows.length).toBe(0);
  });

  it('refuses k = 0, bad points on either side, and more queries than rows under excludeSelf', () => {
    const good = matrixOf([[0]]);
    const bad = matrixOf([[Number.NaN]]);
    expect(() => nearest(LINE, good, good, 0)).toThrow(UsageError);
    expect(() => nearest(LINE, bad, good, 1)).toThrow(DomainError);
    expect(() => nearest(LINE, good, bad, 1)).toThrow(/nearest queries row 0/);
    expect(() => nearest(LINE, good, matrixOf([[0], [1]]), 1, { excludeSelf: true })).toThrow(ShapeError);
  });
});
