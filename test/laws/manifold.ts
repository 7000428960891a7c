import fc from 'fast-check';
import { expect, it } from 'vitest';
import { geodesic, type Manifold } from '../../src/geometry/manifold.js';
import { combine, dot } from '../../src/geometry/vector.js';

/** A manifold with points x, y, z on it and a tangent vector u at x; `growth` is what rounding is multiplied with there, `unit` its scale of length. */
export interface Scene {
  readonly manifold: Manifold;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  readonly u: Float64Array;
  readonly growth: number;
  readonly unit: number;
}

/** The few dozen operations of a map, each rounded to 2^-53. */
const ROUNDINGS = 200 * 2 ** -53;

/** Laws of any Riemannian manifold, on the scenes given. Lengths are compared relative to the larger of themselves and the unit. */
export function manifoldLaws(scenes: fc.Arbitrary<Scene>, parameters: fc.Parameters<[Scene]>): void {
  const check = (title: string, law: (scene: Scene, tolerance: number, unit: number) => void) =>
    it(title, () => {
      fc.assert(
        fc.property(scenes, (scene) => law(scene, ROUNDINGS * scene.growth * scene.unit, scene.unit)),
        parameters,
      );
    });
  const near = (a: number, b: number, tolerance: number, unit: number) =>
    expect(Math.abs(a - b)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(b) / unit));

  check('exp undoes log', ({ manifold, x, y }, tolerance) => {
    expect(manifold.dist(manifold.exp(x, manifold.log(x, y)), y)).toBeLessThanOrEqual(tolerance);
  });
  check('log undoes exp', ({ manifold, x, y }, tolerance) => {
    const v = manifold.log(x, y);
    const again = manifold.log(x, manifold.exp(x, v));
    const off = again.map((value, k) => value - v[k]);
    expect(manifold.norm(x, off)).toBeLessThanOrEqual(tolerance);
  });
  check(
    'the distance is the length of the logarithm, the same both ways',
    ({ manifold, x, y }, tolerance, unit) => {
      near(manifold.norm(x, manifold.log(x, y)), manifold.dist(x, y), tolerance, unit);
      near(manifold.norm(y, manifold.log(y, x)), manifold.dist(x, y), tolerance, unit);
    },
  );
  check(
    'transport keeps lengths, and back it brings the same vector',
    ({ manifold, x, y, u }, tolerance, unit) => {
      const moved = manifold.transport(x, y, u);
      near(manifold.norm(y, moved), manifold.norm(x, u), tolerance, unit);
      const off = manifold.transport(y, x, moved).map((value, k) => value - u[k]);
      expect(manifold.norm(x, off)).toBeLessThanOrEqual(tolerance * Math.max(1, manifold.norm(x, u) / unit));
    },
  );
  check('transport turns the way to y into the way on from y', ({ manifold, x, y }, tolerance) => {
    const on = manifold.transport(x, y, manifold.log(x, y));
    const off = manifold.log(y, x).map((value, k) => value + on[k]);
    expect(manifold.norm(y, off)).toBeLessThanOrEqual(tolerance);
  });
  check(
    'a geodesic begins at x, ends at y and is half way at a half',
    ({ manifold, x, y }, tolerance, unit) => {
      const at = (t: number) => geodesic(manifold, t, x, y);
      expect(manifold.dist(at(0), x)).toBeLessThanOrEqual(tolerance);
      expect(manifold.dist(at(1), y)).toBeLessThanOrEqual(tolerance);
      near(manifold.dist(x, at(0.5)), manifold.dist(x, y) / 2, tolerance, unit);
      near(manifold.dist(at(0.5), y), manifold.dist(x, y) / 2, tolerance, unit);
    },
  );
  check(
    'the distance is symmetric, 0 at equal points, and no detour is shorter',
    ({ manifold, x, y, z }, tolerance, unit) => {
      expect(manifold.dist(x, x)).toBe(0);
      near(manifold.dist(x, y), manifold.dist(y, x), tolerance, unit);
      expect(manifold.dist(x, z)).toBeLessThanOrEqual(
        (manifold.dist(x, y) + manifold.dist(y, z)) * (1 + tolerance / unit) + tolerance,
      );
    },
  );
  check(
    'the origin is as far from exp of a frame vector as that is long',
    ({ manifold, unit }, tolerance) => {
      const origin = manifold.origin();
      const coordinates = Array.from({ length: manifold.dimension }, (_, k) => ((k + 1) * unit) / 4);
      const v = manifold.frame(coordinates);
      near(manifold.norm(origin, v), Math.hypot(...coordinates), tolerance, unit);
      near(manifold.dist(origin, manifold.exp(origin, v)), Math.hypot(...coordinates), tolerance, unit);
    },
  );
  check('the Riemannian gradient g has <g, u> = dF(u)', ({ manifold, x, y, u }, tolerance, unit) => {
    // A tangent vector stands for the Euclidean gradient: any covector would do.
    const euclidean = manifold.log(x, y);
    const gradient = manifold.egrad2rgrad(x, euclidean);
    const [g, h] = [manifold.norm(x, gradient), manifold.norm(x, u)];
    // The inner product from lengths, of vectors made equally long.
    const squared = (sign: 1 | -1) => manifold.norm(x, combine(1 / g, gradient, sign / h, u)) ** 2;
    const cosine = (squared(1) - squared(-1)) / 4;
    expect(Math.abs(cosine - dot(euclidean, u) / (g * h))).toBeLessThanOrEqual(tolerance / unit);
  });
}
