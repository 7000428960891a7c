import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { requirePoints } from '../../src/geometry/points.js';
import { matrixOf, nameOf, randomPoints, SPACES } from './support.js';

describe('requirePoints', () => {
  it.each(SPACES.map((space) => ({ name: nameOf(space), space })))(
    'accepts float32 points of $name',
    ({ space }) => {
      expect(() => requirePoints(space, randomPoints(space, 500, new Rng(3)), 'test')).not.toThrow();
    },
  );

  it.each(SPACES.map((space) => ({ name: nameOf(space), space })))(
    'names the row of a NaN in $name',
    ({ space }) => {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const points = randomPoints(space, 4, new Rng(3));
        points.data[3 * points.columns - 1] = bad;
        expect(() => requirePoints(space, points, 'vectors')).toThrow(
          /^vectors row 2: .* finite numbers.*(NaN|Infinity)/,
        );
        expect(() => requirePoints(space, points, 'vectors')).toThrow(DomainError);
      }
    },
  );

  it.each<[string, Space, number[], RegExp]>([
    ['on the rim of the ball', { kind: 'poincare', dim: 2, curvature: -4 }, [0.3, 0.4], /norm < 0.5/],
    ['outside the stereographic ball', { kind: 'stereographic', dim: 1, curvature: -1 }, [1.5], /norm 1.5/],
    ['off the sphere', { kind: 'sphere', dim: 2, curvature: 1 }, [1, 0.1], /norm 1,/],
    ['off the hyperboloid', { kind: 'lorentz', dim: 1, curvature: -1 }, [1, 1], /time/],
    ['on the lower sheet', { kind: 'lorentz', dim: 1, curvature: -1 }, [-1, 0], /time -1/],
    ['zero under cosine', { kind: 'cosine', dim: 2 }, [0, 0], /other than zero/],
    ['negative offset', { kind: 'star', dim: 1 }, [-0.1], /offset >= 0/],
  ])('refuses a point %s', (_, space, point, message) => {
    const good = Array.from(randomPoints(space, 1, new Rng(1)).data);
    const points = matrixOf([good, point]);
    expect(() => requirePoints(space, points, 'vectors')).toThrow(message);
    expect(() => requirePoints(space, points, 'vectors')).toThrow(/^vectors row 1: /);
  });

  it('looks into the factors of a product', () => {
    const space: Space = {
      kind: 'product',
      combine: 'sum',
      factors: [
        { space: { kind: 'euclidean', dim: 2 }, weight: 1 },
        { space: { kind: 'poincare', dim: 1, curvature: -1 }, weight: 1 },
      ],
    };
    expect(() => requirePoints(space, matrixOf([[5, 5, 0.5]]), 'v')).not.toThrow();
    expect(() => requirePoints(space, matrixOf([[5, 5, 1]]), 'v')).toThrow(DomainError);
  });

  it('asks for the number of columns of the space', () => {
    const space = { kind: 'lorentz', dim: 2, curvature: -1 } as const;
    expect(() => requirePoints(space, matrixOf([[1, 0]]), 'v')).toThrow(/v: expected 3 columns, got 2/);
    expect(() => requirePoints(space, matrixOf([[1, 0]]), 'v')).toThrow(ShapeError);
  });
});
