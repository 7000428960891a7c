import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import type { Space } from '../../src/core/space.js';
import * as ballGyro from '../../src/geometry/gyrovector.js';
import * as lorentz from '../../src/geometry/lorentz.js';
import { dist0, geodesicUnit, manifoldOf } from '../../src/geometry/manifold.js';
import { retract } from '../../src/geometry/riemannianDescent.js';
import * as sphere from '../../src/geometry/sphere.js';
import * as gyro from '../../src/geometry/stereographicGyrovector.js';
import { dot, scale } from '../../src/geometry/vector.js';
import { coordinates, expectReference, LAWS } from './support.js';

type Rows = number[][];
type Operations = Readonly<Record<'x' | 'u' | 'w' | 'a', Rows>> & Readonly<Record<string, unknown>>;

const fixture = new URL('./fixtures/operations.json', import.meta.url);
const reference = JSON.parse(readFileSync(fixture, 'utf8')) as {
  stereographic: (Operations & { K: number })[];
  sphere: Operations & { K: number };
  lorentz: (Operations & { c: number })[];
};

function expectAll(
  given: Operations,
  got: Readonly<Record<string, (x: number[], i: number) => unknown>>,
): void {
  for (const [quantity, f] of Object.entries(got)) {
    expectReference(given.x.map(f), given[quantity], quantity);
  }
}

describe('against geoopt in float64', () => {
  it.each(reference.stereographic)('the stereographic model of curvature $K', (given) => {
    const { K, u, w } = given;
    const manifold = manifoldOf({ kind: 'stereographic', dim: 3, curvature: K });
    expectAll(given, {
      dist0: (x) => dist0(manifold, x),
      geodesicUnit: (x, i) => geodesicUnit(manifold, 0.8, x, u[i]),
      mobiusPointwiseMul: (x, i) => gyro.mobiusPointwiseMul(w[i], x, K),
      retract: (x, i) => retract(manifold, x, u[i], { retraction: 'firstOrder' }),
    });
  });

  it('the unit sphere', () => {
    const { a } = reference.sphere;
    const manifold = manifoldOf({ kind: 'sphere', dim: 4, curvature: 1 });
    expectAll(reference.sphere, {
      project: (_, i) => sphere.project(a[i], 1),
      projectTangent: (x, i) => sphere.projectTangent(x, a[i], 1),
      egrad2rgrad: (x, i) => sphere.egrad2rgrad(x, a[i], 1),
      retract: (x, i) =>
        retract(manifold, x, sphere.projectTangent(x, a[i], 1), { retraction: 'firstOrder' }),
    });
  });

  it.each(reference.lorentz)('the hyperboloid of curvature -$c', (given) => {
    const { a, c } = given;
    const manifold = manifoldOf({ kind: 'lorentz', dim: 3, curvature: -c });
    expectAll(given, {
      project: (_, i) => lorentz.project(a[i], c),
      projectTangent: (x, i) => lorentz.projectTangent(x, a[i], c),
      egrad2rgrad: (x, i) => lorentz.egrad2rgrad(x, a[i], c),
      dist0: (x) => lorentz.dist0(x, c),
      geodesicUnit: (x, i) => geodesicUnit(manifold, 0.8, x, lorentz.projectTangent(x, a[i], c)),
    });
  });
});

/** Coordinates below 10, curvatures up to 3: a few units in the last place of 1,000. */
const ROUNDING = 1e-12;
const curvature = fc.double({ min: 0.05, max: 3, noNaN: true });
const direction = coordinates(3).filter((v) => Math.hypot(...v) > 0.1);
const close = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  expect(Math.max(...Array.from(x, (value, k) => Math.abs(value - y[k])))).toBeLessThanOrEqual(ROUNDING);

describe('projections on the sphere and the hyperboloid', () => {
  it('leave points and tangent vectors where they are', () => {
    fc.assert(
      fc.property(direction, coordinates(3), curvature, (p, v, K) => {
        const x = sphere.project(p, K);
        expect(Math.abs(Math.hypot(...x) * Math.sqrt(K) - 1)).toBeLessThanOrEqual(ROUNDING);
        close(sphere.project(x, K), x);
        const u = sphere.projectTangent(x, v, K);
        expect(Math.abs(dot(x, u))).toBeLessThanOrEqual(ROUNDING);
        close(sphere.projectTangent(x, u, K), u);
        const y = lorentz.project([0, ...p], K);
        expect(Math.abs(lorentz.inner(y, y) + 1 / K)).toBeLessThanOrEqual(ROUNDING / K);
        close(lorentz.project(y, K), y);
        const w = lorentz.projectTangent(y, [1, ...v], K);
        expect(Math.abs(lorentz.inner(y, w))).toBeLessThanOrEqual(10 * ROUNDING);
        close(lorentz.projectTangent(y, w, K), w);
      }),
      LAWS,
    );
  });

  it('make a Riemannian gradient whose product with any tangent vector is that of the Euclidean one', () => {
    fc.assert(
      fc.property(direction, coordinates(3), coordinates(3), curvature, (p, g, v, K) => {
        const x = sphere.project(p, K);
        const u = sphere.projectTangent(x, v, K);
        expect(Math.abs(dot(sphere.egrad2rgrad(x, g, K), u) - dot(g, u))).toBeLessThanOrEqual(ROUNDING);
        const y = lorentz.lift(p, K);
        const w = lorentz.projectTangent(y, [0, ...v], K);
        const G = [0.5, ...g];
        const slope = lorentz.inner(lorentz.egrad2rgrad(y, G, K), w);
        expect(Math.abs(slope - dot(G, w))).toBeLessThanOrEqual(20 * ROUNDING);
      }),
      LAWS,
    );
  });

  it('refuse the zero vector, curvatures of the wrong sign and vectors of another length', () => {
    expect(() => sphere.project([0, 0], 1)).toThrow(/sphere project x/);
    expect(() => sphere.project([Number.NaN, 0], 1)).toThrow(DomainError);
    expect(() => sphere.projectTangent([1, 0], [1, 0], -1)).toThrow(DomainError);
    expect(() => sphere.egrad2rgrad([1, 0], [1], 1)).toThrow(ShapeError);
    expect(() => lorentz.project([1, 0], 0)).toThrow(DomainError);
    expect(() => lorentz.egrad2rgrad([1, 0], [1], 1)).toThrow(ShapeError);
  });
});

const SPACES: readonly Space[] = [
  { kind: 'euclidean', dim: 3 },
  { kind: 'sphere', dim: 4, curvature: 0.7 },
  { kind: 'poincare', dim: 3, curvature: -0.7 },
  { kind: 'lorentz', dim: 3, curvature: -1.5 },
  { kind: 'stereographic', dim: 3, curvature: 0.4 },
];

describe.each(SPACES.map((space) => ({ space, kind: space.kind })))('in $kind', ({ space }) => {
  const manifold = manifoldOf(space);
  const at = (v: number[]) => manifold.exp(manifold.origin(), manifold.frame(v.map((a) => a / 2)));
  const tangentAt = (x: Float64Array, v: number[]) =>
    manifold.transport(manifold.origin(), x, manifold.frame(v));

  it('the unit-speed geodesic is at distance t at time t', () => {
    fc.assert(
      fc.property(coordinates(3), direction, fc.double({ min: 0, max: 1.5, noNaN: true }), (p, v, t) => {
        const x = at(p);
        const y = geodesicUnit(manifold, t, x, tangentAt(x, v));
        expect(Math.abs(manifold.dist(x, y) - t)).toBeLessThanOrEqual(100 * ROUNDING);
        expect(Math.abs(dist0(manifold, x) - Math.hypot(...p) / 2)).toBeLessThanOrEqual(ROUNDING);
      }),
      LAWS,
    );
  });

  it('the first-order retraction leaves the geodesic as the square of the step', () => {
    fc.assert(
      fc.property(coordinates(3), direction, (p, v) => {
        const x = at(p);
        const u = tangentAt(x, v);
        const off = (t: number) =>
          manifold.dist(
            retract(manifold, x, scale(t, u), { retraction: 'firstOrder' }),
            manifold.exp(x, scale(t, u)),
          );
        // Christoffel symbols are below 2 here, and |v| below √3.
        for (const t of [1e-2, 1e-3, 1e-4]) expect(off(t)).toBeLessThanOrEqual(10 * t * t);
      }),
      LAWS,
    );
  });

  it('refuses a direction of length zero', () => {
    const zero = new Float64Array(manifold.columns);
    expect(() => geodesicUnit(manifold, 1, manifold.origin(), zero)).toThrow(/geodesicUnit u/);
  });
});

describe('mobiusPointwiseMul', () => {
  it('by equal weights is the scalar multiple, and by zeros the origin', () => {
    expect(Array.from(gyro.mobiusPointwiseMul([0.7, 0.7], [0.3, 0.4], -1))).toEqual(
      Array.from(gyro.mobiusScalarMul(0.7, [0.3, 0.4], -1)),
    );
    expect(Array.from(ballGyro.mobiusPointwiseMul([0, 0], [0.3, 0.4], 1))).toEqual([0, 0]);
  });

  it('asks for one weight a value', () => {
    expect(() => ballGyro.mobiusPointwiseMul([1], [0.3, 0.4], 1)).toThrow(ShapeError);
  });
});
