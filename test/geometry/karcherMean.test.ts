import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { matrix, row, sliceColumns } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { frechetMean } from '../../src/geometry/frechetMean.js';
import { frechetVariance, KARCHER_TOLERANCE, karcherMean } from '../../src/geometry/karcherMean.js';
import { geodesic, manifoldOf } from '../../src/geometry/manifold.js';
import { midpoint } from '../../src/geometry/stereographicGyrovector.js';
import { matrixOf } from './support.js';

const FACTORS: readonly Space[] = [
  { kind: 'euclidean', dim: 2 },
  { kind: 'sphere', dim: 3, curvature: 2 },
  { kind: 'poincare', dim: 2, curvature: -0.7 },
  { kind: 'lorentz', dim: 2, curvature: -1.5 },
  { kind: 'stereographic', dim: 3, curvature: 0.5 },
  { kind: 'stereographic', dim: 3, curvature: 0 },
];
const PRODUCT: Space = {
  kind: 'product',
  combine: 'l2',
  factors: FACTORS.map((space, i) => ({ space, weight: i + 0.5 })),
};

/** n points about 0.4 from the origin in each direction: well within π / (4√K). */
function cloud(space: Space, n: number, seed: number) {
  const rng = new Rng(seed);
  const manifold = manifoldOf(space);
  const draw = () => {
    const v = Array.from({ length: manifold.dimension }, () => rng.uniform(-0.35, 0.35));
    return manifold.exp(manifold.origin(), manifold.frame(v));
  };
  const data = Float64Array.from(Array.from({ length: n }, () => Array.from(draw())).flat());
  return matrix(data, n, columnsOf(space));
}

/** The pull at the end is below the tolerance; the Hessian of half the squared distance is at least 0.5 here. */
const NEAR = 10 * KARCHER_TOLERANCE;

describe.each([...FACTORS, PRODUCT].map((space) => ({ space, kind: space.kind })))(
  'the mean in $kind',
  ({ space }) => {
    const manifold = manifoldOf(space);

    it('is three quarters of the way to the row of weight three', () => {
      const pair = cloud(space, 2, 1);
      const expected = geodesic(manifold, 0.75, row(pair, 0), row(pair, 1));
      expect(manifold.dist(karcherMean(space, pair, [1, 3]), expected)).toBeLessThan(NEAR);
    });

    it('takes a weight of two for a row that comes twice, and leaves out weight zero', () => {
      const all = cloud(space, 5, 2);
      const twice = matrix(Float64Array.from([...all.data, ...row(all, 2)]), 6, all.columns);
      const weighted = karcherMean(space, all, [1, 0, 2, 1, 1]);
      expect(manifold.dist(weighted, karcherMean(space, twice, [1, 0, 1, 1, 1, 1]))).toBeLessThan(NEAR);
    });
  },
);

describe('karcherMean', () => {
  it('is the mean of each factor in a product', () => {
    const all = cloud(PRODUCT, 6, 3);
    const weights = [1, 2, 3, 1, 1, 1];
    const mean = karcherMean(PRODUCT, all, weights);
    let at = 0;
    for (const space of FACTORS) {
      const end = at + columnsOf(space);
      const part = matrixOf(Array.from({ length: 6 }, (_, i) => Array.from(row(all, i).subarray(at, end))));
      const own = karcherMean(space, part, weights);
      expect(manifoldOf(space).dist(mean.subarray(at, end), own)).toBeLessThan(NEAR);
      at = end;
    }
  });

  it('is frechetMean in the ball with equal weights', () => {
    const space: Space = { kind: 'poincare', dim: 2, curvature: -0.7 };
    const all = cloud(space, 9, 4);
    const mean = karcherMean(space, all, new Float64Array(9).fill(5));
    expect(manifoldOf(space).dist(mean, frechetMean(all, 0.7))).toBeLessThan(NEAR);
  });

  it('differs from the gyromidpoint of three points, by less the nearer they are', () => {
    // sin_K²(d/2) = d²/4 (1 - K d²/12 + ...): the corners' distances cube as they shrink.
    const space: Space = { kind: 'stereographic', dim: 2, curvature: -1 };
    const off = (size: number) => {
      const corners = matrixOf([
        [0, 0],
        [size, 0],
        [0, size],
      ]);
      return manifoldOf(space).dist(midpoint(corners, [1, 1, 1], -1), karcherMean(space, corners, [1, 1, 1]));
    };
    expect(off(0.5)).toBeCloseTo(0.011, 3);
    expect(off(0.05) / off(0.025)).toBeCloseTo(8, 1);
  });

  it('refuses what has no mean, by the name of the argument', () => {
    const flat: Space = { kind: 'euclidean', dim: 1 };
    expect(() => karcherMean(flat, matrixOf([]), [])).toThrow(ShapeError);
    expect(() => karcherMean(flat, matrixOf([[1]]), [1, 2])).toThrow(ShapeError);
    expect(() => karcherMean(flat, matrixOf([[1], [2]]), [1, Number.NaN])).toThrow(/karcherMean weights/);
    expect(() => karcherMean(flat, matrixOf([[1], [2]]), [0, 0])).toThrow(DomainError);
    expect(() => karcherMean({ kind: 'cosine', dim: 1 }, matrixOf([[1]]), [1])).toThrow(UsageError);
    const circle: Space = { kind: 'sphere', dim: 2, curvature: 1 };
    expect(() =>
      karcherMean(
        circle,
        matrixOf([
          [1, 0],
          [-1, 0],
        ]),
        [1, 1],
      ),
    ).toThrow(/antipode/);
  });
});

describe('frechetVariance', () => {
  it('is the variance of plain values, weights as multiplicities', () => {
    // By hand: 1, 1, 1, 5 have mean 2 and variance (3 · 1 + 9) / 4 = 3.
    const { mean, variance } = frechetVariance({ kind: 'euclidean', dim: 1 }, matrixOf([[1], [5]]), [3, 1]);
    expect(mean[0]).toBeCloseTo(2, 9);
    expect(variance).toBeCloseTo(3, 9);
  });

  it.each(FACTORS.map((space) => ({ space, kind: space.kind })))(
    'of two points in $kind is a quarter of their squared distance, and that of one is 0',
    ({ space }) => {
      const pair = cloud(space, 2, 5);
      const d = manifoldOf(space).dist(row(pair, 0), row(pair, 1));
      expect(frechetVariance(space, pair, [2, 2]).variance).toBeCloseTo(d ** 2 / 4, 9);
      expect(frechetVariance(space, pair, [0, 1]).variance).toBe(0);
    },
  );

  it('grows when it is taken around any other point', () => {
    const all = cloud(PRODUCT, 8, 6);
    const equal = new Float64Array(8).fill(1);
    const { variance } = frechetVariance(PRODUCT, all, equal);
    const { dist } = manifoldOf(PRODUCT);
    for (let j = 0; j < 8; j++) {
      const around = equal.reduce((sum, _, i) => sum + dist(row(all, j), row(all, i)) ** 2 / 8, 0);
      expect(variance).toBeLessThan(around);
    }
  });

  it('adds up over the factors of a product, times their weights', () => {
    const all = cloud(PRODUCT, 5, 7);
    const weights = [1, 2, 1, 3, 1];
    let at = 0;
    let sum = 0;
    for (const [f, space] of FACTORS.entries()) {
      const part = sliceColumns(all, at, at + columnsOf(space));
      sum += (f + 0.5) * frechetVariance(space, part, weights).variance;
      at += columnsOf(space);
    }
    expect(frechetVariance(PRODUCT, all, weights).variance).toBeCloseTo(sum, 9);
  });
});
