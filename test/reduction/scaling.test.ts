import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix, matrix, row, takeRows } from '../../src/core/matrix.js';
import { distanceMatrix } from '../../src/geometry/distance.js';
import { dot } from '../../src/geometry/vector.js';
import { classicalMds } from '../../src/reduction/classicalMds.js';
import { largestEigenpairs } from '../../src/reduction/eigenpairs.js';
import { chooseLandmarks, landmarkMds } from '../../src/reduction/landmarks.js';
import { pca } from '../../src/reduction/pca.js';
import { placePoints } from '../../src/reduction/placement.js';
import { randomProjection } from '../../src/reduction/randomProjection.js';
import { smacof } from '../../src/reduction/smacof.js';
import { FLOAT64 } from '../laws/tolerance.js';
import { largestDifference, normal, PEER, PEER_POINTS, within } from './points.js';

/** Iterations end where a step gains a share of the stress; what is left of the way is the root of it. */
const CONVERGED = 1e-6;

const upper = (d: Matrix) =>
  Array.from({ length: d.rows }, (_, i) => Array.from(row(d, i)).slice(i + 1)).flat();

describe('largestEigenpairs', () => {
  it('finds a threefold eigenvalue three times in a matrix too large for a complete decomposition', () => {
    const n = 260;
    const directions = randomProjection(n, 4, { seed: 3 }).projection;
    const values = [5, 5, 5, 4].map((value) => (value * 4) / n);
    const data = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        for (let p = 0; p < 4; p++) {
          data[i * n + j] += values[p] * directions.data[p * n + i] * directions.data[p * n + j];
        }
      }
    }
    const { values: found, vectors, residual } = largestEigenpairs(matrix(data, n, n), 5);
    [5, 5, 5, 4, 0].forEach((value, p) => void expect(found[p]).toBeCloseTo(value, 10));
    expect(residual).toBeLessThan(1e-9);
    expect(dot(row(vectors, 0), row(vectors, 1))).toBeCloseTo(0, 12);
  });

  it('gives eigenpairs of a matrix of noise, the largest at the end of the semicircle', () => {
    const n = 240;
    const noise = normal(n, n, 5).data;
    const data = noise.map((value, at) => value + noise[(at % n) * n + Math.floor(at / n)]);
    const few = largestEigenpairs(matrix(data, n, n), 3);
    for (let p = 0; p < 3; p++) {
      const v = row(few.vectors, p);
      for (let i = 0; i < n; i += 17) {
        expect(dot(data.subarray(i * n, (i + 1) * n), v)).toBeCloseTo(few.values[p] * v[i], 6);
      }
    }
    // Entries of variance 2: Wigner's semicircle ends at 2 √(2 n); the largest of n eigenvalues falls a little short.
    expect(few.values[0] / (2 * Math.sqrt(2 * n))).toBeGreaterThan(0.9);
    expect(few.values[0] / (2 * Math.sqrt(2 * n))).toBeLessThan(1.1);
  });
});

describe('classicalMds', () => {
  it('gives points of the plane back up to an isometry', () => {
    const points = normal(40, 2, 1);
    const found = classicalMds(within(points), { dim: 2 });
    expect(largestDifference(within(found.points), within(points))).toBeLessThan(FLOAT64);
    expect(found.strain).toBeLessThan(1e-7);
  });

  it('gives what pca of the points gives', () => {
    const points = normal(60, 5, 2, [3, 2, 1, 0.5, 0.2]);
    const found = classicalMds(within(points), { dim: 3 }).points;
    const { coordinates } = pca(points, 3);
    for (let k = 0; k < 3; k++) {
      const sign = Math.sign(found.data[k] * coordinates.data[k]);
      for (let i = 0; i < 60; i++)
        expect(sign * found.data[i * 3 + k]).toBeCloseTo(coordinates.data[i * 3 + k], 8);
    }
  });

  it('gives the same beyond the size of a complete decomposition', () => {
    const points = normal(300, 4, 3, [3, 2, 1, 0.5]);
    const given = within(points);
    const found = classicalMds(given, { dim: 4 });
    expect(largestDifference(within(found.points), given)).toBeLessThan(1e-7);
  });

  it('agrees with scikit-learn', () => {
    const { points, eigenvalues } = classicalMds(within(PEER_POINTS), { dim: 2 });
    PEER.classical.eigenvalues.forEach((value, p) => void expect(eigenvalues[p]).toBeCloseTo(value, 8));
    PEER.classical.points
      .flat()
      .forEach((value, at) => void expect(Math.abs(points.data[at])).toBeCloseTo(value, 8));
  });

  it('leaves columns at 0 that the distances have no room for', () => {
    const line = matrix(Float64Array.of(0, 1, 3), 3, 1);
    const { points, strain } = classicalMds(within(line), { dim: 3 });
    expect(largestDifference(within(points), within(line))).toBeLessThan(1e-7);
    expect(strain).toBeLessThan(1e-7);
    expect(
      Array.from(classicalMds(within(matrix(new Float64Array(4), 4, 1)), { dim: 2 }).points.data),
    ).toEqual(new Array(8).fill(0));
  });
});

describe('smacof', () => {
  it('gives points of three dimensions back up to an isometry', () => {
    const points = normal(50, 3, 4);
    const { stress, points: found } = smacof(within(points), { dim: 3, seed: 1 });
    expect(stress).toBeLessThan(CONVERGED);
    expect(largestDifference(within(found), within(points))).toBeLessThan(1e-5);
  });

  it.each(['smacof2', 'smacof3'] as const)('ends where scikit-learn does, %s', (name) => {
    const given = within(PEER_POINTS);
    const found = smacof(given, { dim: Number(name.at(-1)), maxIterations: 5000, tolerance: 1e-13 });
    expect(found.stress).toBeCloseTo(PEER[name].stress, 8);
    upper(within(found.points))
      .slice(0, 40)
      .forEach((d, at) => void expect(d).toBeCloseTo(PEER[name].distances[at], 4));
  });

  it('ends where the weighted transform with the pseudo-inverse does', () => {
    const given = within(PEER_POINTS);
    const weights = matrix(
      given.data.map((d) => (d > 0 ? 1 / d : 0)),
      given.rows,
      given.columns,
    );
    const { stress } = smacof(given, { dim: 2, weights, maxIterations: 5000, tolerance: 1e-13 });
    expect(stress).toBeCloseTo(PEER.sammon.stress, 7);
  });

  it('never raises the stress, step by step', () => {
    const given = within(normal(40, 6, 5));
    const start = normal(40, 2, 6);
    let before = Number.POSITIVE_INFINITY;
    for (let maxIterations = 0; maxIterations < 40; maxIterations++) {
      const { stress } = smacof(given, { dim: 2, start, maxIterations, tolerance: 1e-15 });
      expect(stress).toBeLessThanOrEqual(before + 1e-12);
      before = stress;
    }
  });

  it('states Kruskal stress of its own points, which no factor lowers', () => {
    const given = within(normal(30, 6, 7));
    const { points, stress } = smacof(given, { dim: 2, maxIterations: 2000, tolerance: 1e-12 });
    const [a, b] = [upper(given), upper(within(points))];
    const sum = (f: (i: number) => number) => a.reduce((s, _, i) => s + f(i), 0);
    const squares = sum((i) => a[i] ** 2);
    expect(stress).toBeCloseTo(Math.sqrt(sum((i) => (a[i] - b[i]) ** 2) / squares), 10);
    expect(sum((i) => a[i] * b[i]) / sum((i) => b[i] ** 2)).toBeCloseTo(1, 6);
  });

  it('fits a missing distance to the others', () => {
    const points = normal(12, 2, 8);
    const true_ = within(points);
    const broken = matrix(true_.data.slice(), 12, 12);
    broken.data[5 * 12 + 2] = broken.data[2 * 12 + 5] = 40;
    const weights = matrix(new Float64Array(144).fill(1), 12, 12);
    weights.data[5 * 12 + 2] = weights.data[2 * 12 + 5] = 0;
    const { points: found } = smacof(broken, {
      dim: 2,
      weights,
      maxIterations: 5000,
      tolerance: 1e-14,
      restarts: 5,
    });
    expect(largestDifference(within(found), true_)).toBeLessThan(1e-3);
  });

  it('takes the best of its starts, and is the same for the same seed', () => {
    const given = within(normal(25, 8, 9));
    const options = { dim: 1, seed: 3, start: normal(25, 1, 10) };
    const often = smacof(given, { ...options, restarts: 20 });
    expect(often.stress).toBeLessThan(smacof(given, options).stress);
    expect(smacof(given, { ...options, restarts: 20 })).toEqual(often);
  });

  it('takes float32 distances whose halves differ by rounding, and equal points', () => {
    const given = within(normal(20, 3, 10));
    const single = matrix(Float32Array.from(given.data), 20, 20);
    single.data[1] *= 1 + 1e-7;
    expect(smacof(single, { dim: 3 }).stress).toBeLessThan(CONVERGED);
    expect(smacof(matrix(new Float64Array(9), 3, 3), { dim: 2 }).stress).toBe(0);
    expect(smacof(matrix(new Float64Array(1), 1, 1), { dim: 1 }).points.rows).toBe(1);
  });

  it('refuses what is no distance matrix, naming the row', () => {
    const of = (...values: number[]) => matrix(Float64Array.from(values), 2, 2);
    for (const scale of [smacof, classicalMds]) {
      expect(() => scale(matrix(new Float64Array(2), 2, 1), { dim: 1 })).toThrow(ShapeError);
      expect(() => scale(of(0, 1, 2, 0), { dim: 1 })).toThrow(/row 1, column 0: .*symmetric.*2 and 1/);
      expect(() => scale(of(0, Number.NaN, Number.NaN, 0), { dim: 1 })).toThrow(/row 1, column 0.*NaN/);
      expect(() => scale(of(0, -1, -1, 0), { dim: 1 })).toThrow(DomainError);
      expect(() => scale(of(0, 1, 1, 0.5), { dim: 1 })).toThrow(/row 1, column 1.*0\.5/);
      expect(() => scale(of(0, 1, 1, 0), { dim: 3 })).toThrow(UsageError);
    }
    const good = of(0, 1, 1, 0);
    expect(() => smacof(good, { dim: 1, weights: of(0, -1, -1, 0) })).toThrow(/weights, row 1, column 0/);
    expect(() => smacof(good, { dim: 1, weights: matrix(new Float64Array(1), 1, 1) })).toThrow(ShapeError);
    expect(() => smacof(good, { dim: 1, start: good })).toThrow(ShapeError);
    expect(() => smacof(good, { dim: 1, tolerance: 0 })).toThrow(DomainError);
    expect(() => smacof(good, { dim: 1, restarts: -1 })).toThrow(UsageError);
  });
});

describe('placePoints', () => {
  const points = normal(40, 3, 11);
  const known = takeRows(
    points,
    Array.from({ length: 30 }, (_, i) => i),
  );
  const others = takeRows(
    points,
    Array.from({ length: 10 }, (_, i) => 30 + i),
  );
  const between = distanceMatrix({ kind: 'euclidean', dim: 3 }, others, known);

  it.each(['stress', 'strain'] as const)('puts new points of the space where they belong, by %s', (by) => {
    const placed = placePoints(known, between, { by });
    expect(largestDifference(placed.points, others)).toBeLessThan(1e-9);
    expect(Math.max(...placed.stress)).toBeLessThan(1e-9);
  });

  it('lowers the stress of the triangulated place where the distances fit no point', () => {
    const flat = takeRows(
      pca(known, 2).coordinates,
      Array.from({ length: 30 }, (_, i) => i),
    );
    const [strain, stress] = (['strain', 'stress'] as const).map(
      (by) => placePoints(flat, between, { by }).stress,
    );
    stress.forEach((value, i) => void expect(value).toBeLessThanOrEqual(strain[i]));
    expect(stress.reduce((a, b) => a + b)).toBeLessThan(0.98 * strain.reduce((a, b) => a + b));
  });

  it('puts an item at distance 0 from a known point on it, and one beside known points that coincide', () => {
    const at = placePoints(known, distanceMatrix({ kind: 'euclidean', dim: 3 }, takeRows(known, [4]), known));
    expect(largestDifference(at.points, takeRows(known, [4]))).toBeLessThan(1e-9);
    const same = matrix(new Float64Array(6), 3, 2);
    const one = placePoints(same, matrix(Float64Array.of(1, 1, 1), 1, 3));
    expect(one.points.data.every(Number.isFinite)).toBe(true);
  });

  it('refuses distances to other points, and values that are none', () => {
    expect(() => placePoints(known, matrix(new Float64Array(3), 1, 3))).toThrow(ShapeError);
    const bad = matrix(between.data.slice(), 10, 30);
    bad.data[7 * 30 + 2] = -1;
    expect(() => placePoints(known, bad)).toThrow(/row 7, column 2/);
    bad.data[7 * 30 + 2] = Number.NaN;
    expect(() => placePoints(known, bad)).toThrow(/row 7/);
    expect(() => placePoints(matrix(new Float64Array(0), 0, 2), matrix(new Float64Array(0), 1, 0))).toThrow(
      ShapeError,
    );
  });
});

describe('landmarkMds', () => {
  const points = normal(150, 3, 12);
  const all = within(points);
  const from = (i: number) => row(all, i);

  it.each(['strain', 'stress'] as const)('gives all points back from 12 landmarks, by %s', (by) => {
    const landmarks = chooseLandmarks(150, 12, from, 1);
    expect(new Set(landmarks.rows).size).toBe(12);
    const found = landmarkMds(landmarks, { dim: 3, by });
    expect(largestDifference(within(found.points), all)).toBeLessThan(1e-4);
  });

  it('chooses the farthest from those before, and asks for their rows alone', () => {
    const asked: number[] = [];
    const { rows, distances } = chooseLandmarks(
      150,
      3,
      (i) => {
        asked.push(i);
        return from(i);
      },
      2,
    );
    expect(asked).toEqual(Array.from(rows));
    const nearest = Array.from({ length: 150 }, (_, i) =>
      Math.min(distances.data[i * 3], distances.data[i * 3 + 1]),
    );
    expect(nearest[rows[2]]).toBe(Math.max(...nearest));
  });

  it('refuses too few landmarks and rows that are no distances', () => {
    expect(() => landmarkMds(chooseLandmarks(150, 3, from, 1), { dim: 3 })).toThrow(/at least 4 landmarks/);
    expect(() => chooseLandmarks(150, 151, from, 1)).toThrow(UsageError);
    expect(() => chooseLandmarks(150, 2, () => new Float64Array(4), 1)).toThrow(ShapeError);
    expect(() => chooseLandmarks(3, 2, () => Float64Array.of(0, -1, 2), 1)).toThrow(/row 1/);
  });
});
