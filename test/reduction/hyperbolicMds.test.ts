import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix64, matrix, takeRows } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { distanceMatrix } from '../../src/geometry/distance.js';
import { hyperbolicMds } from '../../src/reduction/hyperbolicMds.js';
import { placeHyperbolicPoints } from '../../src/reduction/hyperbolicPlacement.js';
import { smacof } from '../../src/reduction/smacof.js';

const lorentz = (dim: number, curvature: number) => ({ kind: 'lorentz', dim, curvature }) as const;

/** Points of the hyperboloid of this curvature above normal vectors. */
function randomSheet(n: number, dim: number, curvature: number, seed: number, spread = 1): Matrix64 {
  const rng = new Rng(seed);
  const root = Math.sqrt(-curvature);
  const data = new Float64Array(n * (dim + 1));
  for (let i = 0; i < n; i++) {
    const at = i * (dim + 1);
    let square = 1;
    for (let k = 1; k <= dim; k++) {
      const value = spread * rng.normal();
      data[at + k] = value / root;
      square += value * value;
    }
    data[at] = Math.sqrt(square) / root;
  }
  return matrix(data, n, dim + 1);
}

/** Edges between the nodes of a tree in which each node has `children`, `depth` levels below the root. */
function treeDistances(children: number, depth: number): Matrix64 {
  const parents = [-1];
  for (let level = 0, from = 0; level < depth; level++) {
    const to = parents.length;
    for (let node = from; node < to; node++) for (let c = 0; c < children; c++) parents.push(node);
    from = to;
  }
  const n = parents.length;
  const pathOf = (node: number): number[] => (node < 0 ? [] : [...pathOf(parents[node]), node]);
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [a, b] = [pathOf(i), pathOf(j)];
      const shared = a.filter((node, at) => b[at] === node).length;
      data[i * n + j] = a.length + b.length - 2 * shared;
    }
  }
  return matrix(data, n, n);
}

function largestDifference(a: Matrix64, b: Matrix64): number {
  return a.data.reduce((most, v, i) => Math.max(most, Math.abs(v - b.data[i])), 0);
}

describe('hyperbolicMds', () => {
  it.each([
    [2, -1],
    [3, -0.4],
  ])('gives points of the %i-dimensional space back, K = %f', (dim, curvature) => {
    const points = randomSheet(40, dim, curvature, 1);
    const given = distanceMatrix(lorentz(dim, curvature), points, points);
    const found = hyperbolicMds(given, { dim, curvature });
    expect(found.stress).toBeLessThan(1e-6);
    expect(largestDifference(distanceMatrix(found.space, found.points, found.points), given)).toBeLessThan(
      1e-4,
    );
  });

  it('finds the curvature of the points', () => {
    const points = randomSheet(60, 2, -0.3, 2, 1.5);
    const given = distanceMatrix(lorentz(2, -0.3), points, points);
    const { space, stress } = hyperbolicMds(given, { dim: 2, tolerance: 1e-12, maxIterations: 2000 });
    expect(stress).toBeLessThan(1e-4);
    expect(space.curvature).toBeCloseTo(-0.3, 2);
  });

  it('gives points back of which most are no landmarks', () => {
    const points = randomSheet(120, 2, -1, 3);
    const given = distanceMatrix(lorentz(2, -1), points, points);
    const found = hyperbolicMds(given, { dim: 2, curvature: -1, landmarks: 15 });
    expect(found.stress).toBeLessThan(1e-4);
    expect(largestDifference(distanceMatrix(found.space, found.points, found.points), given)).toBeLessThan(
      1e-2,
    );
  });

  it('states the stress of its own points', () => {
    const given = treeDistances(3, 3);
    const { space, points, stress } = hyperbolicMds(given, { dim: 2, maxIterations: 50 });
    const d = distanceMatrix(space, points, points);
    const off = d.data.reduce((sum, v, i) => sum + (v - given.data[i]) ** 2, 0);
    const all = given.data.reduce((sum, v) => sum + v * v, 0);
    expect(stress).toBeCloseTo(Math.sqrt(off / all), 8);
  });

  it('draws a tree in the plane with less than half of the flat stress', () => {
    const given = treeDistances(3, 4);
    const curved = hyperbolicMds(given, { dim: 2 }).stress;
    const flat = smacof(given, { dim: 2, restarts: 3, seed: 1 }).stress;
    expect(curved).toBeLessThan(0.5 * flat);
  });

  it('puts equal rows on one point', () => {
    const { points, stress } = hyperbolicMds(matrix(new Float64Array(9), 3, 3));
    expect(stress).toBe(0);
    expect(largestDifference(points, matrix(Float64Array.of(1, 0, 0, 1, 0, 0, 1, 0, 0), 3, 3))).toBe(0);
  });

  it('refuses what is no distance matrix, and curvatures of the wrong sign or size', () => {
    const of = (...values: number[]) => matrix(Float64Array.from(values), 2, 2);
    expect(() => hyperbolicMds(matrix(new Float64Array(2), 2, 1))).toThrow(ShapeError);
    expect(() => hyperbolicMds(of(0, 1, 2, 0))).toThrow(/row 1, column 0/);
    expect(() => hyperbolicMds(of(0, 1, 1, 0), { curvature: 1 })).toThrow(DomainError);
    expect(() => hyperbolicMds(of(0, 400, 400, 0), { curvature: -1 })).toThrow(/nearer to 0/);
    expect(() => hyperbolicMds(of(0, 1, 1, 0), { landmarks: 1 })).toThrow(UsageError);
  });
});

describe('placeHyperbolicPoints', () => {
  const points = randomSheet(40, 3, -0.5, 4);
  const known = takeRows(
    points,
    Array.from({ length: 30 }, (_, i) => i),
  );
  const others = takeRows(
    points,
    Array.from({ length: 10 }, (_, i) => 30 + i),
  );
  const between = distanceMatrix(lorentz(3, -0.5), others, known);

  it('puts new points of the space where they belong', () => {
    const placed = placeHyperbolicPoints(known, between, { curvature: -0.5 });
    expect(largestDifference(placed.points, others)).toBeLessThan(1e-6);
    expect(Math.max(...placed.stress)).toBeLessThan(1e-6);
  });

  it('places by least stress where the distances fit no point', () => {
    const noisy = matrix(
      between.data.map((d, at) => d * (1 + 0.2 * Math.sin(at))),
      10,
      30,
    );
    const { points: found, stress } = placeHyperbolicPoints(known, noisy, { curvature: -0.5 });
    const rng = new Rng(5);
    const stressAt = (x: Float64Array, i: number) => {
      const moved = matrix(
        Float64Array.of(Math.sqrt(2 + x[1] ** 2 + x[2] ** 2 + x[3] ** 2), x[1], x[2], x[3]),
        1,
        4,
      );
      const d = distanceMatrix(lorentz(3, -0.5), moved, known).data;
      const delta = noisy.data.subarray(i * 30, (i + 1) * 30);
      const off = d.reduce((sum, v, j) => sum + (v - delta[j]) ** 2, 0);
      return Math.sqrt(off / delta.reduce((sum, v) => sum + v * v, 0));
    };
    for (let i = 0; i < 10; i++) {
      const x = found.data.slice(i * 4, (i + 1) * 4);
      expect(stressAt(x, i)).toBeCloseTo(stress[i], 8);
      for (let trial = 0; trial < 20; trial++) {
        const near = x.map((v) => v + 0.02 * rng.normal());
        expect(stressAt(near, i)).toBeGreaterThanOrEqual(stress[i] - 1e-9);
      }
    }
  });

  it('refuses points off the hyperboloid and distances to others', () => {
    expect(() => placeHyperbolicPoints(known, between, { curvature: -1 })).toThrow(/row 0/);
    expect(() =>
      placeHyperbolicPoints(known, matrix(new Float64Array(3), 1, 3), { curvature: -0.5 }),
    ).toThrow(ShapeError);
    const bad = matrix(between.data.slice(), 10, 30);
    bad.data[3 * 30] = -1;
    expect(() => placeHyperbolicPoints(known, bad, { curvature: -0.5 })).toThrow(/row 3, column 0/);
  });
});
