import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../../src/core/errors.js';
import { type Matrix64, matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { packingBound } from '../../../src/evaluation/distances/packingBound.js';
import { pairsOf, shepardReport } from '../../../src/evaluation/distortion.js';
import { distanceMatrix } from '../../../src/geometry/distance.js';
import { randomMatrix } from '../support.js';

const table = (n: number, distance: (i: number, j: number) => number): Matrix64 =>
  matrix(
    Float64Array.from({ length: n * n }, (_, at) => distance(Math.floor(at / n), at % n)),
    n,
    n,
  );
const simplex = (n: number) => table(n, (i, j) => (i === j ? 0 : 1));
const bits = (value: number) => value.toString(2).replaceAll('0', '').length;
const hypercube = (d: number) => table(2 ** d, (i, j) => Math.sqrt(bits(i ^ j)));

describe('packingBound', () => {
  it('is the truth for equidistant points on a line: N - 1, which places 0, 1, ..., N - 1 reach', () => {
    for (const n of [2, 3, 5, 12]) {
      const inputs = simplex(n);
      const { distortion, rows, separation, diameter } = packingBound(inputs, 1);
      expect(distortion).toBeCloseTo(Math.max(1, n - 1), 12);
      if (n > 2) expect([rows.length, separation, diameter]).toEqual([n, 1, 1]);
      const line = table(n, (i, j) => Math.abs(i - j));
      const { worstCaseDistortion } = shepardReport(pairsOf(inputs), pairsOf(line));
      expect(worstCaseDistortion).toBeCloseTo(Math.max(1, n - 1), 12);
    }
  });

  it('is N^(1/m) - 1 for equidistant points, and so below the truth for the simplex of the plane', () => {
    // Four equidistant points of the plane: the corners of a square, √2, are best.
    expect(packingBound(simplex(4), 2).distortion).toBe(1);
    expect(packingBound(simplex(100), 2).distortion).toBeCloseTo(9, 12);
    expect(packingBound(simplex(27), 3).distortion).toBeCloseTo(2, 12);
  });

  it('is at least (2^(d/m) - 1) / √d for the corners of a cube of d dimensions', () => {
    for (const [d, m] of [
      [6, 1],
      [8, 2],
      [9, 1],
    ]) {
      const least = (2 ** (d / m) - 1) / Math.sqrt(d);
      expect(packingBound(hypercube(d), m).distortion).toBeGreaterThanOrEqual(least - 1e-12);
    }
  });

  it('never exceeds the distortion of a map that there is', () => {
    const rng = new Rng(1);
    for (let trial = 0; trial < 20; trial++) {
      const columns = 1 + rng.below(6);
      const points = randomMatrix(60, columns, rng);
      const inputs = distanceMatrix({ kind: 'euclidean', dim: columns }, points, points);
      // Into as many dimensions as there are, the identity has distortion 1.
      expect(packingBound(inputs, columns).distortion).toBe(1);
      const first = matrix(
        Float64Array.from({ length: 60 }, (_, i) => points.data[i * columns]),
        60,
        1,
      );
      const codes = distanceMatrix({ kind: 'euclidean', dim: 1 }, first, first);
      const { worstCaseDistortion } = shepardReport(pairsOf(inputs), pairsOf(codes));
      expect(packingBound(inputs, 1).distortion).toBeLessThanOrEqual(worstCaseDistortion);
    }
  });

  it('does not care about the unit, nor about points that are there twice', () => {
    const one = packingBound(hypercube(6), 1).distortion;
    expect(
      packingBound(
        matrix(
          hypercube(6).data.map((d) => 7 * d),
          64,
          64,
        ),
        1,
      ).distortion,
    ).toBeCloseTo(one, 9);
    const twice = table(10, (i, j) => (i % 5 === j % 5 ? 0 : 1));
    expect(packingBound(twice, 1).distortion).toBeCloseTo(4, 12);
    expect(
      packingBound(
        table(3, () => 0),
        1,
      ).distortion,
    ).toBe(1);
  });

  it('refuses a table that is not square', () => {
    expect(() => packingBound(matrix(new Float64Array(6), 2, 3), 1)).toThrow(ShapeError);
  });
});
