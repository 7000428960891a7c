import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix64, matrix, row } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { distanceMatrix } from '../../src/geometry/distance.js';
import { exp0, mobiusAdd } from '../../src/geometry/poincare.js';
import { diskPicture, diskStress, trueDistances } from '../../src/reduction/diskPicture.js';
import { horoPca } from '../../src/reduction/horoPca.js';
import { heightSlope, project } from '../../src/reduction/horospheres.js';
import { hydra } from '../../src/reduction/hydra.js';
import { chordSquared, chordToDistance, timesOf } from '../../src/reduction/hyperboloidPairs.js';
import { lbfgs } from '../../src/reduction/lbfgs.js';
import { tangentPca } from '../../src/reduction/tangentPca.js';

/** exp0 of normal vectors with these standard deviations; the unit ball unless c says otherwise. */
function randomBall(n: number, scales: readonly number[], seed: number, c = 1): Matrix64 {
  const rng = new Rng(seed);
  const data = new Float64Array(n * scales.length);
  for (let i = 0; i < n; i++) {
    data.set(
      exp0(
        scales.map((s) => s * rng.normal()),
        c,
      ),
      i * scales.length,
    );
  }
  return matrix(data, n, scales.length);
}

const distances = (points: Matrix64, c = 1) =>
  distanceMatrix({ kind: 'poincare', dim: points.columns, curvature: -c }, points, points);

function largestDifference(a: Matrix64, b: Matrix64): number {
  return a.data.reduce((most, v, i) => Math.max(most, Math.abs(v - b.data[i])), 0);
}

describe('lbfgs', () => {
  it('finds the minimum of the Rosenbrock valley at (1, 1)', () => {
    const valley = (x: Float64Array, gradient: Float64Array) => {
      const bend = x[1] - x[0] ** 2;
      gradient[0] = -400 * x[0] * bend - 2 * (1 - x[0]);
      gradient[1] = 200 * bend;
      return 100 * bend ** 2 + (1 - x[0]) ** 2;
    };
    const { x, value } = lbfgs(valley, Float64Array.of(-1.2, 1), { iterations: 500, tolerance: 0 });
    expect(value).toBeLessThan(1e-15);
    expect(x[0]).toBeCloseTo(1, 6);
    expect(x[1]).toBeCloseTo(1, 6);
  });
});

describe('hydra', () => {
  it.each([
    [2, 1],
    [3, 1],
    [2, 0.3],
  ])('gives the distances of points of the %i-dimensional ball back, c = %f', (dim, c) => {
    const points = randomBall(
      40,
      Array.from({ length: dim }, () => 0.7),
      3,
      c,
    );
    const given = distances(points, c);
    const { coordinates, stress } = hydra(given, { dim, curvature: -c, refinements: 0 });
    expect(largestDifference(distances(coordinates, c), given)).toBeLessThan(1e-6);
    expect(stress.decomposition).toBeLessThan(1e-6);
  });

  it('lowers the stress by refinement, and says what it is', () => {
    const points = randomBall(60, [1, 0.8, 0.6, 0.4], 4);
    const given = distances(points);
    const { coordinates, stress } = hydra(given, { dim: 2 });
    expect(stress.refined).toBeLessThan(0.8 * stress.decomposition);
    const drawn = distances(coordinates);
    const sum = (f: (i: number) => number) => drawn.data.reduce((s, _, i) => s + f(i), 0);
    const off = sum((i) => (drawn.data[i] - given.data[i]) ** 2);
    expect(stress.refined).toBeCloseTo(Math.sqrt(off / sum((i) => given.data[i] ** 2)), 9);
  });

  it('puts a star tree, which no plane holds, nearer in the hyperbolic than in a nearly flat plane', () => {
    const leaves = 30;
    const star = new Float64Array((leaves + 1) ** 2);
    for (let i = 0; i <= leaves; i++) {
      for (let j = 0; j <= leaves; j++) star[i * (leaves + 1) + j] = i === j ? 0 : i * j === 0 ? 1 : 2;
    }
    const given = matrix(star, leaves + 1, leaves + 1);
    const curved = hydra(given, { curvature: -9 }).stress.refined;
    const flat = hydra(given, { curvature: -1e-4 }).stress.refined;
    expect(curved).toBeLessThan(0.6 * flat);
  });

  it('puts equal rows on one point', () => {
    const { coordinates, stress } = hydra(matrix(new Float64Array(9), 3, 3));
    expect(coordinates.data.every((v) => Math.abs(v) < 1e-12)).toBe(true);
    expect(stress.refined).toBe(0);
  });

  it('refuses what is no distance matrix', () => {
    const of = (...values: number[]) => matrix(Float64Array.from(values), 2, 2);
    expect(() => hydra(matrix(new Float64Array(2), 2, 1))).toThrow(ShapeError);
    expect(() => hydra(of(0, 1, 2, 0))).toThrow(/row 1, column 0.*symmetric/);
    expect(() => hydra(of(0, Number.NaN, Number.NaN, 0))).toThrow(DomainError);
    expect(() => hydra(of(1, 1, 1, 0))).toThrow(DomainError);
    expect(() => hydra(of(0, 400, 400, 0))).toThrow(/nearer to 0/);
    expect(() => hydra(of(0, 1, 1, 0), { curvature: 1 })).toThrow(DomainError);
  });
});

describe('the horospherical projection', () => {
  const points = randomBall(12, [0.8, 0.6, 0.4, 0.5], 5);
  const space = new Float64Array(12 * 4);
  for (let i = 0; i < 12; i++) {
    const x = row(points, i);
    const squared = x.reduce((s, v) => s + v * v, 0);
    space.set(
      x.map((v) => (2 * v) / (1 - squared)),
      i * 4,
    );
  }
  const sheet = { space: matrix(space, 12, 4), time: timesOf(space, 4) };
  const axes = (K: number) => {
    const data = new Float64Array(K * 4);
    for (let k = 0; k < K; k++) data[k * 4 + k] = 1;
    return matrix(data, K, 4);
  };

  it.each([1, 2, 3])(
    'keeps all Busemann functions, lands on the hyperboloid and shortens no distance upwards, K = %i',
    (K) => {
      const image = project(sheet, axes(K));
      const lifted = timesOf(image.space, K);
      for (let i = 0; i < 12; i++) {
        expect(image.time[i]).toBeCloseTo(lifted[i], 9);
        for (let k = 0; k < K; k++) {
          expect(image.time[i] - image.space[i * K + k]).toBeCloseTo(sheet.time[i] - space[i * 4 + k], 9);
        }
        for (let j = 0; j < i; j++) {
          const shorter = chordToDistance(chordSquared(image.space, image.time, K, i, j));
          expect(shorter).toBeLessThanOrEqual(
            chordToDistance(chordSquared(space, sheet.time, 4, i, j)) + 1e-9,
          );
        }
      }
    },
  );

  it.each([1, 2, 3])('has the slope of its height in closed form, K = %i', (K) => {
    const { e, time } = project(sheet, axes(K));
    const own = e.slice(0, K);
    for (let k = 0; k < K; k++) {
      const h = 1e-6;
      const moved = { space: matrix(space.slice(0, 4), 1, 4), time: sheet.time.slice(0, 1) };
      moved.space.data[k] -= h;
      const higher = project(moved, axes(K)).time[0];
      expect((higher - time[0]) / h).toBeCloseTo(heightSlope(own, k), 4);
    }
  });
});

describe('horoPca', () => {
  it('keeps all distances of points of a disk that are on the near side of the spine', () => {
    const flat = randomBall(80, [0.12, 0.1], 6);
    const data = new Float64Array(80 * 5);
    for (let i = 0; i < 80; i++) data.set(row(flat, i), i * 5);
    const { coordinates, explained } = horoPca(matrix(data, 80, 5), 1);
    expect(explained).toBeCloseTo(1, 9);
    expect(diskStress(coordinates, trueDistances(matrix(data, 80, 5), 1))).toBeLessThan(1e-6);
  });

  it('does not depend on where the points lie', () => {
    const points = randomBall(60, [0.9, 0.3, 0.2], 7);
    const moved = new Float64Array(points.data.length);
    for (let i = 0; i < 60; i++) moved.set(mobiusAdd([0.3, -0.2, 0.5], row(points, i), 1), i * 3);
    const [here, there] = [horoPca(points, 1), horoPca(matrix(moved, 60, 3), 1)];
    expect(there.explained).toBeCloseTo(here.explained, 3);
  });

  it('has orthonormal directions and keeps more than the components it starts from', () => {
    const points = randomBall(60, [1, 0.8, 0.6, 0.4], 8);
    const { directions, explained } = horoPca(points, 1, { components: 3 });
    for (let p = 0; p < 3; p++) {
      for (let q = 0; q < 3; q++) {
        const product = row(directions, p).reduce((s, v, k) => s + v * row(directions, q)[k], 0);
        expect(product).toBeCloseTo(p === q ? 1 : 0, 12);
      }
    }
    expect(explained).toBeGreaterThan(horoPca(points, 1, { components: 3, iterations: 0 }).explained);
  });

  it('keeps equal points at the centre, and refuses bad input', () => {
    const same = matrix(Float64Array.of(0.1, 0.2, 0.1, 0.2), 2, 2);
    expect(Array.from(horoPca(same, 1).coordinates.data).every((v) => Math.abs(v) < 1e-8)).toBe(true);
    expect(() => horoPca(matrix(new Float64Array(0), 0, 2), 1)).toThrow(ShapeError);
    expect(() => horoPca(same, 1, { components: 3 })).toThrow(UsageError);
    expect(() => horoPca(matrix(Float64Array.of(1, 0), 1, 2), 1)).toThrow(DomainError);
  });
});

describe('diskPicture', () => {
  it('takes the drawing of less stress and states it', () => {
    const points = randomBall(100, [1, 0.9, 0.3, 0.3], 9);
    const picture = diskPicture(points, 1);
    const rivals = [tangentPca(points, 1), horoPca(points, 1)].map((d) =>
      diskStress(d.coordinates, trueDistances(points, 1)),
    );
    expect(picture.stress).toBe(Math.min(...rivals));
    expect(picture.coordinates.rows).toBe(100);
  });

  it('has no stress for points of a disk drawn as they are', () => {
    const points = randomBall(50, [0.8, 0.8], 10, 2);
    const disk = matrix(
      points.data.map((v) => v * Math.SQRT2),
      50,
      2,
    );
    expect(diskStress(disk, trueDistances(points, 2))).toBeLessThan(1e-12);
  });
});
