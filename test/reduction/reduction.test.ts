import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix64, matrix, row } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { frechetMean } from '../../src/geometry/frechetMean.js';
import { dist, exp0, log, mobiusAdd } from '../../src/geometry/poincare.js';
import { pca } from '../../src/reduction/pca.js';
import { tangentPca } from '../../src/reduction/tangentPca.js';

function randomRows(n: number, columns: number, seed: number, scales: readonly number[] = []): Matrix64 {
  const rng = new Rng(seed);
  const data = Float64Array.from(
    { length: n * columns },
    (_, i) => rng.normal() * (scales[i % columns] ?? 1),
  );
  return matrix(data, n, columns);
}

function randomBall(n: number, dim: number, c: number, seed: number): Matrix64 {
  const tangents = randomRows(n, dim, seed);
  const data = new Float64Array(n * dim);
  for (let i = 0; i < n; i++) data.set(exp0(row(tangents, i), c), i * dim);
  return matrix(data, n, dim);
}

describe('pca', () => {
  it('finds the line y = 2x, by hand', () => {
    const { projection, coordinates, explained, mean } = pca(
      matrix(Float64Array.of(-1, -2, 0, 0, 1, 2), 3, 2),
      2,
    );
    const root5 = Math.sqrt(5);
    expect(Array.from(mean)).toEqual([0, 0]);
    expect(projection.data[0]).toBeCloseTo(1 / root5, 14);
    expect(projection.data[1]).toBeCloseTo(2 / root5, 14);
    expect(coordinates.data[4]).toBeCloseTo(root5, 14);
    expect(explained[0]).toBeCloseTo(1, 14);
    expect(explained[1]).toBeCloseTo(0, 14);
  });

  it('has orthonormal directions, and coordinates whose variances are the explained shares', () => {
    const points = randomRows(200, 6, 1, [5, 1, 3, 0.5, 2, 0.1]);
    const { projection, coordinates, explained } = pca(points, 6);
    for (let p = 0; p < 6; p++) {
      for (let q = 0; q < 6; q++) {
        const product = row(projection, p).reduce((s, v, k) => s + v * row(projection, q)[k], 0);
        expect(product).toBeCloseTo(p === q ? 1 : 0, 12);
      }
    }
    const variance = Array.from({ length: 6 }, (_, p) => {
      let sum = 0;
      for (let i = 0; i < 200; i++) sum += coordinates.data[i * 6 + p] ** 2;
      return sum;
    });
    const total = variance.reduce((a, b) => a + b, 0);
    for (let p = 0; p < 6; p++) expect(variance[p] / total).toBeCloseTo(explained[p], 12);
    expect([...explained]).toEqual([...explained].sort((a, b) => b - a));
    expect(explained.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });

  it('keeps all distances with all components', () => {
    const points = randomRows(10, 4, 2);
    const { coordinates } = pca(points, 4);
    const apart = (m: Matrix64, i: number, j: number) =>
      Math.hypot(...row(m, i).map((v, k) => v - row(m, j)[k]));
    for (let i = 1; i < 10; i++) expect(apart(coordinates, 0, i)).toBeCloseTo(apart(points, 0, i), 12);
  });

  it('has a fixed sign: mirrored points give the same directions', () => {
    const points = randomRows(50, 3, 3);
    const mirrored = matrix(
      points.data.map((v) => -v),
      50,
      3,
    );
    const ours = pca(points, 3).projection.data;
    pca(mirrored, 3).projection.data.forEach((v, i) => {
      expect(v).toBeCloseTo(ours[i], 12);
    });
    for (let p = 0; p < 3; p++) {
      const direction = [...ours.subarray(3 * p, 3 * p + 3)];
      expect(Math.max(...direction)).toBe(Math.max(...direction.map(Math.abs)));
    }
  });

  it('explains nothing where nothing varies', () => {
    const { coordinates, explained } = pca(matrix(new Float64Array(6).fill(0.1), 3, 2), 2);
    expect([...explained]).toEqual([0, 0]);
    expect(Math.max(...coordinates.data.map(Math.abs))).toBeLessThan(1e-16);
  });

  it('refuses 0 rows, more components than columns, and NaN', () => {
    expect(() => pca(matrix(new Float64Array(0), 0, 2), 1)).toThrow(ShapeError);
    expect(() => pca(randomRows(3, 2, 1), 3)).toThrow(UsageError);
    expect(() => pca(matrix(Float64Array.of(1, Number.NaN), 1, 2), 1)).toThrow(DomainError);
  });
});

describe('frechetMean', () => {
  it('is where the logarithms cancel, and no point around is better', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0.1, max: 2, noNaN: true }),
        (seed, c) => {
          const points = randomBall(12, 3, c, seed);
          const mean = frechetMean(points, c);
          const cost = (p: ArrayLike<number>) => {
            let sum = 0;
            for (let i = 0; i < 12; i++) sum += dist(p, row(points, i), c) ** 2;
            return sum;
          };
          for (let k = 0; k < 3; k++) {
            let pull = 0;
            for (let i = 0; i < 12; i++) pull += log(mean, row(points, i), c)[k];
            expect(Math.abs(pull)).toBeLessThan(1e-8);
            for (const by of [-1e-3, 1e-3]) {
              expect(cost(mean.map((v, l) => (l === k ? v + by : v)))).toBeGreaterThan(cost(mean));
            }
          }
        },
      ),
      { seed: 7, numRuns: 50 },
    );
  });

  it('is the midpoint of two points and the point itself for one or many equal ones', () => {
    const pair = matrix(Float64Array.of(0.8, 0, -0.8, 0), 2, 2);
    expect(Math.hypot(...frechetMean(pair, 1))).toBeLessThan(1e-9);
    const same = matrix(Float64Array.of(0.3, 0.4, 0.3, 0.4), 2, 2);
    expect(frechetMean(same, 1)[0]).toBeCloseTo(0.3, 10);
  });

  it('converges for points spread along the rim of float32', () => {
    const rng = new Rng(1);
    const data = Float32Array.from({ length: 40 }, () => 0);
    for (let i = 0; i < 20; i++) {
      const angle = rng.uniform(0, 2);
      data.set([(1 - 1e-6) * Math.cos(angle), (1 - 1e-6) * Math.sin(angle)], 2 * i);
    }
    const points = matrix(data, 20, 2);
    const mean = frechetMean(points, 1);
    const pull = [0, 0];
    for (let i = 0; i < 20; i++) {
      const [right, up] = log(mean, row(points, i), 1);
      pull[0] += right;
      pull[1] += up;
    }
    expect(Math.hypot(...pull)).toBeLessThan(1e-8);
  });

  it('refuses 0 rows and points outside', () => {
    expect(() => frechetMean(matrix(new Float64Array(0), 0, 2), 1)).toThrow(ShapeError);
    expect(() => frechetMean(matrix(Float64Array.of(1, 1), 1, 2), 1)).toThrow(DomainError);
  });
});

describe('tangentPca', () => {
  it('keeps a plane as it is: distances to the mean survive, all is explained', () => {
    const c = 0.5;
    const points = randomBall(30, 2, c, 4);
    const mean = frechetMean(points, c);
    const { coordinates, explained } = tangentPca(points, c);
    expect(explained).toBeCloseTo(1, 12);
    for (let i = 0; i < 30; i++) {
      const length = Math.hypot(...row(coordinates, i));
      expect(length).toBeLessThanOrEqual(1);
      // In units of 1/√c; the disk has curvature -1.
      expect(dist([0, 0], row(coordinates, i), 1)).toBeCloseTo(
        Math.sqrt(c) * dist(mean, row(points, i), c),
        9,
      );
    }
  });

  it('does not depend on where in the ball the points lie', () => {
    const points = randomBall(20, 2, 1, 5);
    const moved = new Float64Array(40);
    for (let i = 0; i < 20; i++) moved.set(mobiusAdd([0.5, -0.3], row(points, i), 1), 2 * i);
    const here = tangentPca(points, 1).coordinates;
    const there = tangentPca(matrix(moved, 20, 2), 1).coordinates;
    for (let i = 1; i < 20; i++) {
      const before = dist(row(here, 0), row(here, i), 1);
      expect(dist(row(there, 0), row(there, i), 1)).toBeCloseTo(before, 7);
    }
  });

  it('draws equal points at the centre', () => {
    const { coordinates, explained } = tangentPca(matrix(Float64Array.of(0.5, 0.5, 0.5, 0.5), 2, 2), 1);
    expect(Math.max(...coordinates.data.map(Math.abs))).toBeLessThan(1e-9);
    expect(explained).toBeGreaterThanOrEqual(0);
  });
});
