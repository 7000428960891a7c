import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { matrix, row } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { distance, distanceMatrix } from '../../src/geometry/distance.js';
import { coordinates, LAWS, matrixOf, nameOf, randomPoints, SPACES } from './support.js';

const METRICS = SPACES.filter((s) =>
  ['euclidean', 'sphere', 'poincare', 'lorentz', 'stereographic'].includes(s.kind),
);

/** Distances here are below 20; a sum of a few of them is off by less than 20 units in the last place of it. */
const ROUNDING = 1e-12;

describe.each(METRICS.map((space) => ({ name: nameOf(space), space })))('$name is a metric', ({ space }) => {
  it('is 0 exactly at equal points, positive elsewhere, symmetric, and keeps the triangle inequality', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const points = randomPoints(space, 3, new Rng(seed));
        const d = distanceMatrix(space, points, points).data;
        for (const i of [0, 1, 2]) expect(d[i * 3 + i]).toBe(0);
        expect(d[1]).toBeGreaterThan(0);
        expect(Math.abs(d[1] - d[3])).toBeLessThan(ROUNDING);
        expect(d[2]).toBeLessThanOrEqual(d[1] + d[5] + ROUNDING);
      }),
      LAWS,
    );
  });
});

describe('values by hand', () => {
  it.each<[string, Space, number[], number[], number]>([
    ['3-4-5', { kind: 'euclidean', dim: 2 }, [0, 0], [3, 4], 5],
    ['cosine of 60 degrees', { kind: 'cosine', dim: 2 }, [2, 0], [1, Math.sqrt(3)], 0.5],
    ['cosine of opposite vectors', { kind: 'cosine', dim: 2 }, [2, 0], [-7, 0], 2],
    ['inner product', { kind: 'innerProduct', dim: 2 }, [1, 2], [3, 4], -11],
    [
      'quarter of a circle of radius 1/2',
      { kind: 'sphere', dim: 2, curvature: 4 },
      [0.5, 0],
      [0, 0.5],
      Math.PI / 4,
    ],
    ['half of the unit circle', { kind: 'sphere', dim: 2, curvature: 1 }, [1, 0], [-1, 0], Math.PI],
    ['2 artanh(1/2) = ln 3', { kind: 'poincare', dim: 2, curvature: -1 }, [0, 0], [0.5, 0], Math.log(3)],
    [
      'arcosh of the time',
      { kind: 'lorentz', dim: 1, curvature: -1 },
      [1, 0],
      [Math.cosh(3), Math.sinh(3)],
      3,
    ],
    ['2|x - y| at K = 0', { kind: 'stereographic', dim: 2, curvature: 0 }, [0, 0], [3, 4], 10],
    ['2 arctan 1', { kind: 'stereographic', dim: 2, curvature: 1 }, [0, 0], [1, 0], Math.PI / 2],
    [
      'antipodes of the projected sphere',
      { kind: 'stereographic', dim: 1, curvature: 1 },
      [0.5],
      [-2],
      Math.PI,
    ],
    ['star', { kind: 'star', dim: 1 }, [0.25], [0.5], 0.75],
  ])('%s', (_, space, x, y, expected) => {
    expect(distance(space, x, y)).toBeCloseTo(expected, 14);
  });

  it('adds weighted factors, or their weighted squares under a root', () => {
    const factors = [
      { space: { kind: 'euclidean', dim: 2 } as const, weight: 0.5 },
      { space: { kind: 'poincare', dim: 1, curvature: -1 } as const, weight: 2 },
    ];
    const x = [0, 0, 0];
    const y = [3, 4, 0.5];
    expect(distance({ kind: 'product', combine: 'sum', factors }, x, y)).toBeCloseTo(
      2.5 + 2 * Math.log(3),
      13,
    );
    const l2 = Math.sqrt(0.5 * 25 + 2 * Math.log(3) ** 2);
    expect(distance({ kind: 'product', combine: 'l2', factors }, x, y)).toBeCloseTo(l2, 13);
  });
});

describe('short distances keep their digits', () => {
  const h = 1e-9;
  it.each<[string, Space, number[], number[], number]>([
    ['cosine: θ²/2', { kind: 'cosine', dim: 2 }, [3, 0], [3 * Math.cos(1e-6), 3 * Math.sin(1e-6)], 5e-13],
    ['sphere', { kind: 'sphere', dim: 2, curvature: 1 }, [1, 0], [Math.cos(h), Math.sin(h)], h],
    ['poincare at the origin: 2|x|', { kind: 'poincare', dim: 1, curvature: -1 }, [0], [h], 2 * h],
    [
      'lorentz at the origin',
      { kind: 'lorentz', dim: 1, curvature: -1 },
      [1, 0],
      [Math.cosh(h), Math.sinh(h)],
      h,
    ],
    ['stereographic, K = 1', { kind: 'stereographic', dim: 1, curvature: 1 }, [0], [h], 2 * h],
  ])('%s', (_, space, x, y, expected) => {
    expect(distance(space, x, y) / expected).toBeCloseTo(1, 12);
  });

  it('near the antipode of the projected sphere too', () => {
    const space = { kind: 'stereographic', dim: 1, curvature: 1 } as const;
    // By hand: the point x of the line lies at angle 2 arctan x; 1/2 and -2 are antipodes, -2(1 + h) lies 2·2h/(1 + 4) nearer.
    expect(
      (Math.PI - distance(space, [0.5], [-2 * (1 + 1e-6)])) / ((4e-6 / 5) * (1 - (4 / 5) * 1e-6)),
    ).toBeCloseTo(1, 8);
  });
});

describe('models of one geometry agree', () => {
  it('stereographic with K < 0 is the Poincaré ball, and lorentz is the same after projection', () => {
    fc.assert(
      fc.property(
        coordinates(3),
        coordinates(3),
        fc.double({ min: 0.05, max: 3, noNaN: true }),
        (v, w, c) => {
          const inside = (p: number[]) => p.map((a) => (0.5 * a) / Math.sqrt(c));
          const lifted = (p: number[]) => {
            const q = c * p.reduce((sum, a) => sum + a * a, 0);
            return [(1 + q) / (1 - q) / Math.sqrt(c), ...p.map((a) => (2 * a) / (1 - q))];
          };
          const x = inside(v);
          const y = inside(w);
          const d = distance({ kind: 'poincare', dim: 3, curvature: -c }, x, y);
          expect(distance({ kind: 'stereographic', dim: 3, curvature: -c }, x, y)).toBe(d);
          expect(distance({ kind: 'lorentz', dim: 3, curvature: -c }, lifted(x), lifted(y))).toBeCloseTo(
            d,
            12,
          );
        },
      ),
      LAWS,
    );
  });

  it('stereographic passes through K = 0 without a jump', () => {
    const at = (curvature: number) =>
      distance({ kind: 'stereographic', dim: 2, curvature }, [0.3, 0.1], [-0.2, 0.4]);
    expect(at(1e-9)).toBeCloseTo(at(0), 8);
    expect(at(-1e-9)).toBeCloseTo(at(0), 8);
  });

  it('scales as a length: shrinking the ball by s divides distances by s', () => {
    fc.assert(
      fc.property(coordinates(3), coordinates(3), fc.double({ min: 0.1, max: 9, noNaN: true }), (v, w, s) => {
        const x = v.map((a) => a / 2);
        const y = w.map((a) => a / 2);
        const d = distance({ kind: 'poincare', dim: 3, curvature: -1 }, x, y);
        const shrink = (p: number[]) => p.map((a) => a / s);
        expect(
          s * distance({ kind: 'poincare', dim: 3, curvature: -s * s }, shrink(x), shrink(y)),
        ).toBeCloseTo(d, 11);
      }),
      LAWS,
    );
  });
});

describe('distanceMatrix', () => {
  it.each(SPACES.map((space) => ({ name: nameOf(space), space })))(
    'holds distance(x, y) in $name',
    ({ space }) => {
      const X = randomPoints(space, 5, new Rng(1));
      const Y = randomPoints(space, 4, new Rng(2));
      const D = distanceMatrix(space, X, Y);
      expect([D.rows, D.columns]).toEqual([5, 4]);
      for (let i = 0; i < 5; i++) {
        for (let j = 0; j < 4; j++) expect(D.data[i * 4 + j]).toBe(distance(space, row(X, i), row(Y, j)));
      }
    },
  );

  it('of 0 rows is empty', () => {
    const none = matrix(new Float64Array(0), 0, 2);
    expect(distanceMatrix({ kind: 'euclidean', dim: 2 }, none, matrixOf([[0, 0]])).data.length).toBe(0);
  });

  it('refuses points of another space', () => {
    expect(() => distance({ kind: 'euclidean', dim: 2 }, [1, 2, 3], [1, 2, 3])).toThrow(ShapeError);
    expect(() => distance({ kind: 'poincare', dim: 1, curvature: -1 }, [1], [0])).toThrow(DomainError);
  });
});
