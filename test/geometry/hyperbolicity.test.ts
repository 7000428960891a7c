import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix64, matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { distanceMatrix } from '../../src/geometry/distance.js';
import {
  fourPointHyperbolicity,
  gromovHyperbolicity,
  sampledFourPoint,
} from '../../src/geometry/hyperbolicity.js';
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

/** Half of what the largest of the three sums exceeds the second by, over every quadruple of rows. */
function slowFourPoint({ data, rows: n }: Matrix64): number {
  let twice = 0;
  for (let x = 0; x < n; x++) {
    for (let y = 0; y < x; y++) {
      for (let z = 0; z < y; z++) {
        for (let w = 0; w < z; w++) {
          const d = (i: number, j: number) => data[i * n + j];
          const sums = [d(x, y) + d(z, w), d(x, z) + d(y, w), d(x, w) + d(y, z)].sort((a, b) => b - a);
          twice = Math.max(twice, sums[0] - sums[1]);
        }
      }
    }
  }
  return twice / 2;
}

/** Edges on the shorter way round. */
function cycleDistances(n: number): Matrix64 {
  const around = (k: number) => Math.min(k, n - k);
  const data = Float64Array.from({ length: n * n }, (_, at) =>
    around(Math.abs(Math.floor(at / n) - (at % n))),
  );
  return matrix(data, n, n);
}

function gaussian(n: number, dim: number, rng: Rng): Matrix64 {
  return plane(Array.from({ length: n }, () => Array.from({ length: dim }, () => rng.normal())));
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

  it('grows with the diameter in the Euclidean plane, and stays under ln 2 in the hyperbolic one', () => {
    const square = (side: number) =>
      plane([
        [0, 0],
        [side, 0],
        [0, side],
        [side, side],
      ]);
    // By hand, at a corner: (a|b) = side (1 - √½) for its neighbours, side √½ for each with the opposite corner.
    for (const side of [1, 10, 1000]) {
      expect(gromovHyperbolicity(square(side)).delta).toBeCloseTo(side * (Math.SQRT2 - 1), 9);
    }
    // ln 2 is the four-point constant of the hyperbolic plane: Nica and Spakula 2016, "Strong hyperbolicity".
    const rng = new Rng(2);
    const disk = Array.from({ length: 60 }, () => {
      const angle = rng.uniform(0, 2 * Math.PI);
      const radius = 1 - 10 ** rng.uniform(-6, 0);
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });
    const points = matrixOf(disk);
    const distances = distanceMatrix({ kind: 'poincare', dim: 2, curvature: -1 }, points, points);
    const { delta, diameter } = gromovHyperbolicity(distances);
    expect(diameter).toBeGreaterThan(20);
    expect(delta).toBeGreaterThan(0.3);
    expect(fourPointHyperbolicity(distances)).toBeLessThan(Math.LN2);
  });

  it('takes less than 2 s for 1,000 normally distributed points, in few and many dimensions', () => {
    const rng = new Rng(4);
    for (const dim of [2, 64]) {
      const distances = gaussian(1000, dim, rng);
      const started = performance.now();
      gromovHyperbolicity(distances);
      expect(performance.now() - started).toBeLessThan(2000);
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

describe('fourPointHyperbolicity', () => {
  it('is the definition, the largest delta of all base points, and at most twice any of them', () => {
    const rng = new Rng(11);
    for (const dim of [1, 2, 5]) {
      const distances = gaussian(18, dim, rng);
      const found = fourPointHyperbolicity(distances);
      const deltas = Array.from({ length: 18 }, (_, w) => gromovHyperbolicity(distances, w).delta);
      // Both in float64, in different order of addition, on lengths of a few units.
      expect(Math.abs(found - slowFourPoint(distances))).toBeLessThan(1e-14);
      expect(Math.abs(found - Math.max(...deltas))).toBeLessThan(1e-14);
      for (const delta of deltas) expect(found).toBeLessThanOrEqual(2 * delta + 1e-14);
    }
  });

  it('is floor(n / 4) on the cycle of n unit edges, less ½ if n = 4 k + 1, and 0 on the triangle', () => {
    for (let n = 3; n <= 25; n++) {
      const expected = Math.floor(n / 4) - (n % 4 === 1 ? 0.5 : 0);
      expect(fourPointHyperbolicity(cycleDistances(n)), `C${n}`).toBe(expected);
    }
  });

  it('is 0 on a path, a star and a binary tree', () => {
    const unit = (parents: number[]) =>
      treeDistances(
        parents,
        parents.map(() => 1),
      );
    const nodes = Array.from({ length: 40 }, (_, i) => i);
    for (const parents of [nodes, nodes.map(() => 0), nodes.map((i) => Math.floor(i / 2))]) {
      expect(fourPointHyperbolicity(unit(parents))).toBe(0);
    }
  });

  it('is not exceeded by random quadruples, which repeat with the seed and reach it on few points', () => {
    const distances = gaussian(9, 3, new Rng(12));
    const exact = fourPointHyperbolicity(distances);
    const drawn = (quadruples: number) => sampledFourPoint(distances, quadruples, new Rng(1));
    expect(drawn(5)).toBeLessThan(exact);
    expect(drawn(5)).toBe(drawn(5));
    // 126 quadruples, each missed with probability (1 - 24 / 9⁴)^10000 < 1e-15.
    expect(Math.abs(drawn(10_000) - exact)).toBeLessThan(1e-14);
  });

  it('refuses what is no distance matrix, and is 0 for one point', () => {
    expect(fourPointHyperbolicity(matrix(new Float64Array(1), 1, 1))).toBe(0);
    expect(() => fourPointHyperbolicity(matrix(new Float64Array(6), 2, 3))).toThrow(ShapeError);
    expect(() => sampledFourPoint(matrix(new Float64Array(4).fill(Number.NaN), 2, 2), 1, new Rng(1))).toThrow(
      DomainError,
    );
  });
});
