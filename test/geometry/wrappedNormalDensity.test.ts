import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import type { Space } from '../../src/core/space.js';
import { type Manifold, manifoldOf } from '../../src/geometry/manifold.js';
import { sinK } from '../../src/geometry/trigonometry.js';
import { wrappedNormalLogDensity } from '../../src/geometry/wrappedNormalDensity.js';
import { matrixOf } from './support.js';

const COVARIANCE = matrixOf([
  [0.3, 0.1],
  [0.1, 0.2],
]);

/** ∫ f over the disk of this radius around the origin, midpoints in r and angle; both ends are smooth here. */
function integral(manifold: Manifold, radius: number, f: (x: Float64Array) => number): number {
  const [rings, angles] = [250, 32];
  let sum = 0;
  for (let i = 0; i < rings; i++) {
    const r = (radius * (i + 0.5)) / rings;
    for (let j = 0; j < angles; j++) {
      const a = (2 * Math.PI * j) / angles;
      const x = manifold.exp(manifold.origin(), manifold.frame([r * Math.cos(a), r * Math.sin(a)]));
      sum += f(x) * sinK(r, manifold.curvature.max);
    }
  }
  return (sum * radius * 2 * Math.PI) / (rings * angles);
}

describe('the density of the wrapped normal', () => {
  const spaces: [Space, number][] = [
    [{ kind: 'euclidean', dim: 2 }, 6],
    [{ kind: 'poincare', dim: 2, curvature: -1 }, 6],
    [{ kind: 'lorentz', dim: 2, curvature: -2 }, 6],
    [{ kind: 'stereographic', dim: 2, curvature: -0.3 }, 6],
  ];

  it.each(spaces)('has integral 1 in %j, off the origin and with a covariance', (space, radius) => {
    const manifold = manifoldOf(space);
    const mean = manifold.exp(manifold.origin(), manifold.frame([0.5, -0.3]));
    const total = integral(manifold, radius, (x) =>
      Math.exp(wrappedNormalLogDensity(space, mean, COVARIANCE, x)),
    );
    // The radial midpoint rule: r has slope 1 at 0, which costs h²/24 times the density there, below 2.
    expect(Math.abs(total - 1)).toBeLessThan(1e-4);
  });

  it('has on the sphere all but what the normal has beyond half of its circumference', () => {
    // By hand: a plane normal of deviation sigma has exp(-π²/(2 sigma²)) beyond π. Rings end before the antipode.
    const space: Space = { kind: 'sphere', dim: 3, curvature: 1 };
    const manifold = manifoldOf(space);
    for (const sigma of [0.5, 1.2]) {
      const total = integral(manifold, Math.PI, (x) =>
        Math.exp(wrappedNormalLogDensity(space, manifold.origin(), sigma, x)),
      );
      expect(Math.abs(total - (1 - Math.exp(-(Math.PI ** 2) / (2 * sigma ** 2))))).toBeLessThan(1e-4);
    }
  });

  it('is the normal density at the mean, and less by what exp stretches elsewhere, by hand', () => {
    const space: Space = { kind: 'lorentz', dim: 3, curvature: -1 };
    const [origin, x] = [
      [1, 0, 0, 0],
      [Math.cosh(2), 0, Math.sinh(2), 0],
    ];
    const peak = -1.5 * Math.log(2 * Math.PI) - 3 * Math.log(0.5);
    expect(wrappedNormalLogDensity(space, origin, 0.5, origin)).toBeCloseTo(peak, 13);
    const expected = peak - 2 ** 2 / (2 * 0.5 ** 2) - 2 * Math.log(Math.sinh(2) / 2);
    expect(wrappedNormalLogDensity(space, origin, [0.5, 0.5, 0.5], x)).toBeCloseTo(expected, 12);
  });

  it('of a product is the product of those of its factors, in its own unit', () => {
    const ball: Space = { kind: 'poincare', dim: 2, curvature: -1 };
    const circle: Space = { kind: 'sphere', dim: 3, curvature: 1 };
    const factors = [
      { space: ball, weight: 4 },
      { space: circle, weight: 1 },
    ];
    const whole = wrappedNormalLogDensity(
      { kind: 'product', combine: 'l2', factors },
      [0.1, 0.2, 0, 0, 1],
      [0.6, 0.8, 0.5, 0.7],
      [-0.3, 0.4, 0.6, 0, 0.8],
    );
    // A length of the first factor is twice as long in the product, an area four times as large.
    const first = wrappedNormalLogDensity(ball, [0.1, 0.2], [0.3, 0.4], [-0.3, 0.4]) - Math.log(4);
    const second = wrappedNormalLogDensity(circle, [0, 0, 1], [0.5, 0.7], [0.6, 0, 0.8]);
    expect(whole).toBeCloseTo(first + second, 12);
  });

  it('stays finite where sinh does not', () => {
    const space: Space = { kind: 'lorentz', dim: 2, curvature: -1e6 };
    const manifold = manifoldOf(space);
    const x = manifold.exp(manifold.origin(), manifold.frame([0.3, 0]));
    // r = 300 units of 1/√c, so sinh r / r is e^300 / 600.
    const expected = -Math.log(2 * Math.PI) - 0.045 - (300 - Math.log(600));
    expect(wrappedNormalLogDensity(space, manifold.origin(), 1, x)).toBeCloseTo(expected, 9);
  });

  it('refuses spreads that are none', () => {
    const space: Space = { kind: 'euclidean', dim: 2 };
    const at = (spread: Parameters<typeof wrappedNormalLogDensity>[2]) =>
      wrappedNormalLogDensity(space, [0, 0], spread, [1, 1]);
    expect(() => at(0)).toThrow(/wrappedNormalLogDensity spread/);
    expect(() => at([1, Number.NaN])).toThrow(DomainError);
    expect(() => at([1])).toThrow(ShapeError);
    expect(() => at(matrixOf([[1, 0]]))).toThrow(ShapeError);
    for (const rows of [
      [
        [1, 2],
        [2, 1],
      ],
      [
        [1, 0.5],
        [0.4, 1],
      ],
      [
        [1, 0],
        [0, Number.NaN],
      ],
    ]) {
      expect(() => at(matrixOf(rows))).toThrow(DomainError);
    }
  });
});
