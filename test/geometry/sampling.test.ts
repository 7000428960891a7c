import { describe, expect, it } from 'vitest';
import { DomainError, UsageError } from '../../src/core/errors.js';
import { type Matrix64, row, sliceColumns } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { dist0, type Manifold, manifoldOf } from '../../src/geometry/manifold.js';
import { requirePoints } from '../../src/geometry/points.js';
import { normalFromOrigin, uniform, uniformInBall, wrappedNormal } from '../../src/geometry/sampling.js';
import { sinK } from '../../src/geometry/trigonometry.js';
import { matrixOf } from './support.js';

const N = 4000;
/** Five standard errors of a mean of N draws with unit variance: once in a million seeds, and the seed is fixed. */
const FIVE_ERRORS = 5 / Math.sqrt(N);

const SPACES: readonly Space[] = [
  { kind: 'euclidean', dim: 3 },
  { kind: 'sphere', dim: 4, curvature: 0.5 },
  { kind: 'poincare', dim: 3, curvature: -2 },
  { kind: 'lorentz', dim: 3, curvature: -0.5 },
  { kind: 'stereographic', dim: 3, curvature: 0 },
];

/** Coordinates in the frame at the origin, whose axes are plain unit vectors up to one factor; time and pole have none. */
function coordinatesAt(manifold: Manifold, u: Float64Array): Float64Array {
  const unit = Math.hypot(...manifold.frame([1, 0, 0]));
  const at = manifold.space.kind === 'lorentz' ? 1 : 0;
  return u.subarray(at, at + 3).map((value) => value / unit);
}

const worst = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  Math.max(...Array.from(x, (value, k) => Math.abs(value - y[k])));

describe.each(SPACES.map((space) => ({ space, kind: space.kind })))('in $kind', ({ space }) => {
  const manifold = manifoldOf(space);
  const mean = manifold.exp(manifold.origin(), manifold.frame([0.5, -0.3, 0.2]));

  it('the wrapped normal has logarithms at the mean of mean 0 and variance sigma² a dimension', () => {
    const sigma = 0.3;
    const drawn = wrappedNormal(space, mean, sigma, N, new Rng(5));
    let sum = new Float64Array(manifold.columns);
    let squared = 0;
    for (let i = 0; i < N; i++) {
      const u = manifold.log(mean, row(drawn, i));
      squared += manifold.norm(mean, u) ** 2 / N;
      sum = sum.map((value, k) => value + u[k] / N);
    }
    expect(manifold.norm(mean, sum)).toBeLessThan(FIVE_ERRORS * sigma * Math.sqrt(3));
    // |u|²/sigma² has variance 2 in each of 3 dimensions.
    expect(Math.abs(squared / sigma ** 2 - 3)).toBeLessThan(FIVE_ERRORS * Math.sqrt(6));
  });

  it('the wrapped normal has the covariance that it is given, a matrix or one deviation an axis', () => {
    const covariance = matrixOf([
      [0.09, 0.03, 0],
      [0.03, 0.04, -0.02],
      [0, -0.02, 0.05],
    ]);
    const axes = matrixOf([
      [0.04, 0, 0],
      [0, 0.01, 0],
      [0, 0, 0.09],
    ]);
    for (const [spread, expected] of [
      [covariance, covariance],
      [[0.2, 0.1, 0.3], axes],
    ] as const) {
      const drawn = wrappedNormal(space, mean, spread, N, new Rng(6));
      const back = (i: number) =>
        coordinatesAt(
          manifold,
          manifold.transport(mean, manifold.origin(), manifold.log(mean, row(drawn, i))),
        );
      const got = new Float64Array(9);
      for (let i = 0; i < N; i++) {
        const v = back(i);
        for (let k = 0; k < 9; k++) got[k] += (v[Math.floor(k / 3)] * v[k % 3]) / N;
      }
      // A product of two normals of variances a, b and covariance r has variance ab + r² <= 2 · 0.09².
      expect(worst(got, expected.data)).toBeLessThan(FIVE_ERRORS * Math.SQRT2 * 0.09);
    }
  });

  it('a normal drawn at the origin has its logarithms there around the centre', () => {
    const centre = [0.4, -0.2, 0.1];
    const drawn = normalFromOrigin(space, centre, 0.2, N, new Rng(8));
    let sum = new Float64Array(3);
    for (let i = 0; i < N; i++) {
      const v = coordinatesAt(manifold, manifold.log(manifold.origin(), row(drawn, i)));
      sum = sum.map((value, k) => value + v[k] / N);
    }
    expect(worst(sum, centre)).toBeLessThan(FIVE_ERRORS * 0.2);
  });

  it('a seed gives the same points again', () => {
    const draw = () => Array.from(wrappedNormal(space, mean, 0.1, 3, new Rng(1)).data);
    expect(draw()).toEqual(draw());
  });
});

/** √N times the largest distance of the shares, each a distribution function at its draw, from uniform. */
function kolmogorov(shares: number[]): number {
  const sorted = [...shares].sort((a, b) => a - b);
  const gaps = sorted.map((share, i) => Math.abs(share - (i + 0.5) / shares.length));
  return Math.max(...gaps) * Math.sqrt(shares.length);
}

/** Kolmogorov and Smirnov: passed once in 100,000 seeds. */
const KOLMOGOROV = 2.5;

const radii = (space: Space, drawn: Matrix64) => {
  const manifold = manifoldOf(space);
  return Array.from({ length: drawn.rows }, (_, i) => dist0(manifold, row(drawn, i)));
};

describe('uniformInBall', () => {
  const disks: [Space, number][] = [
    [{ kind: 'poincare', dim: 2, curvature: -1 }, 0.01],
    [{ kind: 'poincare', dim: 2, curvature: -1 }, 6],
    [{ kind: 'lorentz', dim: 2, curvature: -2 }, 1],
    [{ kind: 'euclidean', dim: 2 }, 3],
    [{ kind: 'sphere', dim: 3, curvature: 1 }, 0.5],
    [{ kind: 'sphere', dim: 3, curvature: 4 }, 1.2],
    [{ kind: 'sphere', dim: 3, curvature: 4 }, Math.PI / 2],
    [{ kind: 'stereographic', dim: 2, curvature: 0.5 }, 3],
  ];

  it.each(disks)(
    'has the radial law of a disk in %j of radius %d: sin_K(r/2)² is uniform',
    (space, radius) => {
      const K = 'curvature' in space ? space.curvature : 0;
      const drawn = uniformInBall(space, radius, N, new Rng(3));
      expect(() => requirePoints(space, drawn, 'drawn')).not.toThrow();
      const shares = radii(space, drawn).map((r) => (sinK(r / 2, K) / sinK(radius / 2, K)) ** 2);
      expect(kolmogorov(shares)).toBeLessThan(KOLMOGOROV);
    },
  );

  it('has that of a ball in 4 dimensions, on both sides of flat', () => {
    const volume = {
      // By hand: ∫ sin³ = (cos³ - 3 cos + 2)/3 and ∫ sinh³ = (cosh³ - 3 cosh + 2)/3.
      sphere: (r: number) => Math.cos(r) ** 3 - 3 * Math.cos(r) + 2,
      lorentz: (r: number) => Math.cosh(r) ** 3 - 3 * Math.cosh(r) + 2,
    };
    for (const [kind, dim, curvature] of [['sphere', 5, 1] as const, ['lorentz', 4, -1] as const]) {
      for (const radius of [0.8, 2.5]) {
        const space = { kind, dim, curvature };
        const shares = radii(space, uniformInBall(space, radius, N, new Rng(4))).map(
          (r) => volume[kind](r) / volume[kind](radius),
        );
        expect(kolmogorov(shares)).toBeLessThan(KOLMOGOROV);
      }
    }
  });

  it('draws a product from the product of the balls of its factors, in its own unit', () => {
    const factors = [
      { space: { kind: 'poincare', dim: 2, curvature: -1 }, weight: 4 },
      { space: { kind: 'sphere', dim: 3, curvature: 1 }, weight: 1 },
    ] as const;
    const drawn = uniformInBall({ kind: 'product', combine: 'l2', factors }, 2, N, new Rng(5));
    const disk = radii(factors[0].space, sliceColumns(drawn, 0, 2));
    expect(kolmogorov(disk.map((r) => (Math.sinh(r / 2) / Math.sinh(0.5)) ** 2))).toBeLessThan(KOLMOGOROV);
    const cap = radii(factors[1].space, sliceColumns(drawn, 2, 5));
    expect(kolmogorov(cap.map((r) => (Math.sin(r / 2) / Math.sin(1)) ** 2))).toBeLessThan(KOLMOGOROV);
  });

  it('refuses a radius wider than the sphere, than float64, or none', () => {
    const sphere: Space = { kind: 'sphere', dim: 3, curvature: 1 };
    expect(() => uniformInBall(sphere, 3.2, 1, new Rng(1))).toThrow(/uniformInBall radius.*π/);
    expect(() => uniformInBall({ kind: 'lorentz', dim: 2, curvature: -1 }, 800, 1, new Rng(1))).toThrow(
      DomainError,
    );
    expect(() => uniformInBall(sphere, Number.NaN, 1, new Rng(1))).toThrow(DomainError);
    expect(() => uniformInBall({ kind: 'cosine', dim: 2 }, 1, 1, new Rng(1))).toThrow(UsageError);
  });
});

describe('uniform', () => {
  it('has Archimedes’ law on the sphere: every coordinate is uniform between the poles', () => {
    const space: Space = { kind: 'sphere', dim: 3, curvature: 4 };
    const drawn = uniform(space, N, new Rng(7));
    for (const k of [0, 1, 2]) {
      const shares = Array.from({ length: N }, (_, i) => drawn.data[3 * i + k] + 0.5);
      expect(kolmogorov(shares)).toBeLessThan(KOLMOGOROV);
    }
  });

  it('is the same on the projected sphere and in a product', () => {
    const projected = { kind: 'stereographic', dim: 2, curvature: 4 } as const;
    const factors = [
      { space: projected, weight: 3 },
      { space: { kind: 'sphere', dim: 3, curvature: 1 } as const, weight: 1 },
    ];
    const product = uniform({ kind: 'product', combine: 'l2', factors }, N, new Rng(9));
    for (const drawn of [uniform(projected, N, new Rng(8)), sliceColumns(product, 0, 2)]) {
      expect(kolmogorov(radii(projected, drawn).map((r) => Math.sin(r) ** 2))).toBeLessThan(KOLMOGOROV);
    }
  });

  it('refuses a space of infinite volume, and a product with one', () => {
    const ball: Space = { kind: 'poincare', dim: 2, curvature: -1 };
    expect(() => uniform(ball, 1, new Rng(1))).toThrow(/uniform space.*volume is finite/);
    const factors = [{ space: ball, weight: 1 }];
    expect(() => uniform({ kind: 'product', combine: 'l2', factors }, 1, new Rng(1))).toThrow(UsageError);
  });
});
