import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix64, matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { distanceMatrix } from '../../src/geometry/distance.js';
import { gromovHyperbolicity } from '../../src/geometry/hyperbolicity.js';
import { LAWS, matrixOf, REFERENCE_TOLERANCE, readReference } from './support.js';

const plane = (rows: number[][]): Matrix64 => {
  const points = matrixOf(rows);
  return distanceMatrix({ kind: 'euclidean', dim: points.columns }, points, points);
};

/** Path lengths between the nodes of a tree: node i > 0 hangs on parents[i - 1] < i by an edge of lengths[i - 1]. */
function treeDistances(parents: readonly number[], lengths: readonly number[]): Matrix64 {
  const n = parents.length + 1;
  const data = new Float64Array(n * n);
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const d = data[parents[i - 1] * n + j] + lengths[i - 1];
      data[i * n + j] = d;
      data[j * n + i] = d;
    }
  }
  return matrix(data, n, n);
}

/** The definition, term by term. */
function slowDelta({ data, rows: n }: Matrix64, w: number): number {
  const product = (i: number, j: number) => (data[i * n + w] + data[j * n + w] - data[i * n + j]) / 2;
  let delta = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) {
        delta = Math.max(delta, Math.min(product(i, k), product(k, j)) - product(i, j));
      }
    }
  }
  return delta;
}

describe('gromovHyperbolicity', () => {
  it('agrees with numpy on the reference points', () => {
    const { points, delta, diameter } = (
      readReference('geometry') as {
        deltaHyperbolicity: { points: number[][]; delta: number; diameter: number };
      }
    ).deltaHyperbolicity;
    const got = gromovHyperbolicity(plane(points));
    expect(Math.abs(got.delta - delta)).toBeLessThanOrEqual(REFERENCE_TOLERANCE);
    expect(Math.abs(got.diameter - diameter)).toBeLessThanOrEqual(REFERENCE_TOLERANCE * diameter);
  });

  it('is 1 on the cycle of four unit edges, by hand', () => {
    // At a corner w: (a|b) = (1 + 1 - 2) / 2 = 0 for its neighbours, while both have product 1 with the opposite corner.
    const cycle = matrix(Float64Array.of(0, 1, 2, 1, 1, 0, 1, 2, 2, 1, 0, 1, 1, 2, 1, 0), 4, 4);
    for (const base of [0, 1, 2, 3])
      expect(gromovHyperbolicity(cycle, base)).toEqual({ delta: 1, diameter: 2 });
  });

  it('is 0 on trees, from every base point', () => {
    const draws = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 9 })), { maxLength: 12 });
    fc.assert(
      fc.property(draws, (nodes) => {
        const parents = nodes.map(([draw], i) => draw % (i + 1));
        const distances = treeDistances(
          parents,
          nodes.map(([, length]) => length),
        );
        for (let w = 0; w < distances.rows; w++) expect(gromovHyperbolicity(distances, w).delta).toBe(0);
      }),
      LAWS,
    );
  });

  it('is the definition, and scales with the unit', () => {
    const rng = new Rng(5);
    const rows = Array.from({ length: 14 }, () => [rng.normal(), rng.normal(), rng.normal()]);
    const distances = plane(rows);
    const scaled = plane(rows.map((row) => row.map((a) => 8 * a)));
    for (let w = 0; w < 14; w++) {
      const { delta } = gromovHyperbolicity(distances, w);
      expect(delta).toBe(slowDelta(distances, w));
      expect(gromovHyperbolicity(scaled, w).delta).toBe(8 * delta);
    }
  });

  it('is 0 for one point and for equal points', () => {
    expect(gromovHyperbolicity(plane([[3, 4]]))).toEqual({ delta: 0, diameter: 0 });
    const equal = plane([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(gromovHyperbolicity(equal)).toEqual({ delta: 0, diameter: 0 });
  });

  it('refuses what is no distance matrix, and a base that is no row', () => {
    expect(() => gromovHyperbolicity(matrix(new Float64Array(6), 2, 3))).toThrow(ShapeError);
    expect(() => gromovHyperbolicity(matrix(Float64Array.of(0, Number.NaN, 1, 0), 2, 2))).toThrow(
      DomainError,
    );
    expect(() => gromovHyperbolicity(matrix(new Float64Array(4), 2, 2), 2)).toThrow(UsageError);
    expect(() => gromovHyperbolicity(matrix(new Float64Array(0), 0, 0))).toThrow(UsageError);
  });
});
