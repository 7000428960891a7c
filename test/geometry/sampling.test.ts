import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { row } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { manifoldOf } from '../../src/geometry/manifold.js';
import { uniformInBall, wrappedNormal } from '../../src/geometry/sampling.js';

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

  it('a seed gives the same points again', () => {
    const draw = () => Array.from(wrappedNormal(space, mean, 0.1, 3, new Rng(1)).data);
    expect(draw()).toEqual(draw());
  });
});

describe('uniformInBall', () => {
  it.each([0.01, 1, 6])(
    'has the radial law of a hyperbolic disk of radius %s: cosh r - 1 is uniform',
    (radius) => {
      const space: Space = { kind: 'poincare', dim: 2, curvature: -1 };
      const drawn = uniformInBall(space, radius, N, new Rng(3));
      const shares = Array.from({ length: N }, (_, i) => {
        const r = manifoldOf(space).dist([0, 0], row(drawn, i));
        return (Math.sinh(r / 2) / Math.sinh(radius / 2)) ** 2;
      }).sort((a, b) => a - b);
      const worst = Math.max(...shares.map((share, i) => Math.abs(share - (i + 0.5) / N)));
      // Kolmogorov and Smirnov: √N D passes 2.5 once in 100,000 seeds.
      expect(worst * Math.sqrt(N)).toBeLessThan(2.5);
    },
  );

  it('refuses spheres and products', () => {
    const sphere: Space = { kind: 'sphere', dim: 3, curvature: 1 };
    expect(() => uniformInBall(sphere, 1, 1, new Rng(1))).toThrow(UsageError);
  });
});
