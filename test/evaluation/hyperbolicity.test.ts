import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { measureHyperbolicity } from '../../src/evaluation/hyperbolicity.js';
import { matrix32, REFERENCE_TOLERANCE, randomMatrix, readReference } from './support.js';

const PLANE: Space = { kind: 'euclidean', dim: 2 };
const SEED = { seed: 1 };

describe('measureHyperbolicity', () => {
  it('agrees with numpy on the reference points: deltaRel is twice delta over the diameter', () => {
    const { points, delta, diameter } = (
      readReference('geometry') as {
        deltaHyperbolicity: { points: number[][]; delta: number; diameter: number };
      }
    ).deltaHyperbolicity;
    const rows = { data: Float64Array.from(points.flat()), rows: points.length, columns: points[0].length };
    const found = measureHyperbolicity({ kind: 'euclidean', dim: rows.columns }, rows, SEED);
    expect(Math.abs(found.delta - delta)).toBeLessThanOrEqual(REFERENCE_TOLERANCE);
    expect(Math.abs(found.diameter - diameter)).toBeLessThanOrEqual(REFERENCE_TOLERANCE * diameter);
    const deltaRel = (2 * delta) / diameter;
    expect(Math.abs(found.deltaRel - deltaRel)).toBeLessThanOrEqual(REFERENCE_TOLERANCE);
    expect(found.suggestedCurvature).toBeCloseTo(-((0.144 / deltaRel) ** 2), 9);
    expect(found).toMatchObject({ n: 40, sampled: false, quadruples: null });
  });

  it('is √2 - 1 times √2 on the unit square, by hand', () => {
    const square = matrix32([
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ]);
    const found = measureHyperbolicity(PLANE, square, SEED);
    expect(found.delta).toBeCloseTo(Math.SQRT2 - 1, 14);
    expect(found.deltaFourPoint).toBeCloseTo(Math.SQRT2 - 1, 14);
    expect(found.diameter).toBeCloseTo(Math.SQRT2, 14);
    expect(found.deltaRel).toBeCloseTo(2 - Math.SQRT2, 14);
    expect(found.interval).toEqual([found.deltaRel, found.deltaRel]);
    expect(found.subsets).toBeNull();
  });

  it('suggests no curvature for a tree: leaves of a star, points on a line', () => {
    const rng = new Rng(3);
    const offsets = matrix32(Array.from({ length: 50 }, () => [rng.uniform(0, 9)]));
    for (const space of [
      { kind: 'star', dim: 1 },
      { kind: 'euclidean', dim: 1 },
    ] as const) {
      const found = measureHyperbolicity(space, offsets, SEED);
      // Lengths under 18 and three float64 additions.
      expect(found.deltaRel).toBeLessThan(1e-14);
      expect(found.deltaFourPoint).toBeLessThan(1e-14 * 18);
      expect(found.suggestedCurvature).toBeNull();
    }
  });

  it('is blind to the unit, and so is the curvature that it suggests', () => {
    const points = randomMatrix(30, 3, new Rng(4));
    const scaled = { ...points, data: points.data.map((a) => 8 * a) };
    const space: Space = { kind: 'euclidean', dim: 3 };
    const { delta, diameter, deltaFourPoint, ...same } = measureHyperbolicity(space, points, SEED);
    expect(measureHyperbolicity(space, scaled, SEED)).toEqual({
      ...same,
      delta: 8 * delta,
      diameter: 8 * diameter,
      deltaFourPoint: 8 * deltaFourPoint,
    });
  });

  it('gives an interval around deltaRel from seeded subsets, and delta whatever the seed', () => {
    const points = randomMatrix(150, 2, new Rng(5));
    const one = measureHyperbolicity(PLANE, points, SEED);
    const other = measureHyperbolicity(PLANE, points, { seed: 2 });
    expect(measureHyperbolicity(PLANE, points, SEED)).toEqual(one);
    expect(other.interval).not.toEqual(one.interval);
    expect({ ...other, interval: one.interval }).toEqual(one);
    expect(one.subsets).toEqual({ count: 100, rows: 75 });
    expect(one.interval[0]).toBeLessThan(one.deltaRel);
    expect(one.interval[1]).toBeGreaterThan(one.deltaRel);
  });

  it('bounds the exact values from below when there are too many rows', () => {
    const points = randomMatrix(260, 2, new Rng(6));
    const exact = measureHyperbolicity(PLANE, points, SEED);
    const steps: number[] = [];
    const sampled = measureHyperbolicity(PLANE, points, {
      ...SEED,
      exactRows: 130,
      onProgress: (done, total) => steps.push(done / total),
    });
    expect(exact.quadruples).toBe(1_000_000);
    expect(sampled).toMatchObject({ n: 260, sampled: true, subsets: { count: 20, rows: 130 } });
    expect(steps).toHaveLength(20);
    expect(steps.at(-1)).toBe(1);
    for (const of of ['delta', 'diameter'] as const) {
      expect(sampled[of]).toBeLessThanOrEqual(exact[of]);
      // Twenty halves of the rows: nearly every pair, and one triple in eight a time, has been together.
      expect(sampled[of]).toBeGreaterThan(0.9 * exact[of]);
    }
    expect(sampled.deltaRel).toBe((2 * sampled.delta) / sampled.diameter);
    expect(sampled.deltaFourPoint).toBeGreaterThanOrEqual(sampled.delta);
    expect(sampled.deltaFourPoint).toBeLessThanOrEqual(2 * exact.delta);
  });

  it('is 0 for one point and for equal points', () => {
    const none = { delta: 0, diameter: 0, deltaRel: 0, interval: [0, 0], deltaFourPoint: 0 };
    for (const rows of [
      [[3, 4]],
      [
        [3, 4],
        [3, 4],
      ],
      Array.from({ length: 30 }, () => [3, 4]),
    ]) {
      const found = measureHyperbolicity(PLANE, matrix32(rows), SEED);
      expect(found).toMatchObject({ ...none, suggestedCurvature: null, n: rows.length });
    }
  });

  it('refuses no rows, NaN, points outside the space and inner products', () => {
    const empty = { data: new Float32Array(0), rows: 0, columns: 2 };
    expect(() => measureHyperbolicity(PLANE, empty, SEED)).toThrow(ShapeError);
    const points = matrix32([
      [0, 0],
      [1.5, Number.NaN],
    ]);
    expect(() => measureHyperbolicity(PLANE, points, SEED)).toThrow(DomainError);
    const ball: Space = { kind: 'poincare', dim: 2, curvature: -1 };
    expect(() => measureHyperbolicity(ball, matrix32([[0, 1]]), SEED)).toThrow(/row 0: .*inside the ball/);
    const inner: Space = { kind: 'innerProduct', dim: 2 };
    const product: Space = { kind: 'product', combine: 'sum', factors: [{ space: inner, weight: 1 }] };
    for (const space of [inner, product]) {
      expect(() => measureHyperbolicity(space, matrix32([[0, 1]]), SEED)).toThrow(UsageError);
    }
  });
});
