import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/core/errors.js';
import * as to from '../../src/geometry/conversions.js';
import * as lorentz from '../../src/geometry/lorentz.js';
import * as ball from '../../src/geometry/poincare.js';
import * as sphere from '../../src/geometry/sphere.js';
import * as stereographic from '../../src/geometry/stereographic.js';
import { coordinates, LAWS } from './support.js';

/** A coordinate is good to 2^-53, so a length is to 2^-53 λ; the factor is for the few operations of a map. */
const ROUNDINGS = 64 * 2 ** -53;

const curvature = fc.double({ min: 0.05, max: 20, noNaN: true });
/** Points up to 14/√c from the origin, where a thousandth of a thousandth of the radius is left. */
const reach = fc.double({ min: 0, max: 14, noNaN: true });
const direction = coordinates(3).filter((v) => Math.hypot(...v) > 0.1);
const far = fc.tuple(direction, reach);

function pointOf([v, r]: [number[], number], c: number): number[] {
  const length = Math.tanh(r / 2) / (Math.sqrt(c) * Math.hypot(...v));
  return v.map((a) => a * length);
}

/** Within `power` conformal factors of rounding, in units of 1/√c. */
function expectNear(x: Float64Array, y: ArrayLike<number>, c: number, power: number): void {
  const limit = (ROUNDINGS * ball.conformalFactor(y, c) ** power) / Math.sqrt(c);
  expect(ball.dist(x, y, c)).toBeLessThanOrEqual(limit);
}

/** Klein's coordinates of a point keep only half of its digits: 9 units are as far as 14 in the others. */
const nearer = fc.tuple(direction, fc.double({ min: 0, max: 9, noNaN: true }));

describe('models of hyperbolic space', () => {
  it('map there and back to within the rounding of the coordinates, near the rim too', () => {
    fc.assert(
      fc.property(far, curvature, (drawn, c) => {
        const p = pointOf(drawn, c);
        expectNear(to.lorentzToPoincare(to.poincareToLorentz(p, c), c), p, c, 1);
        expectNear(to.halfSpaceToPoincare(to.poincareToHalfSpace(p, c), c), p, c, 1);
      }),
      LAWS,
    );
    fc.assert(
      fc.property(nearer, curvature, (drawn, c) => {
        const p = pointOf(drawn, c);
        expectNear(to.kleinToPoincare(to.poincareToKlein(p, c), c), p, c, 2);
      }),
      LAWS,
    );
  });

  it('agree on distances', () => {
    fc.assert(
      fc.property(far, far, curvature, (first, second, c) => {
        const p = pointOf(first, c);
        const q = pointOf(second, c);
        const expected = ball.dist(p, q, c);
        const lambda = Math.max(ball.conformalFactor(p, c), ball.conformalFactor(q, c));
        const limit = (ROUNDINGS * lambda) / Math.sqrt(c);
        const lifted = lorentz.dist(to.poincareToLorentz(p, c), to.poincareToLorentz(q, c), c);
        expect(Math.abs(lifted - expected)).toBeLessThanOrEqual(limit);
        const halved = to.halfSpaceDist(to.poincareToHalfSpace(p, c), to.poincareToHalfSpace(q, c), c);
        expect(Math.abs(halved - expected)).toBeLessThanOrEqual(limit);
      }),
      LAWS,
    );
    fc.assert(
      fc.property(nearer, nearer, curvature, (first, second, c) => {
        const p = pointOf(first, c);
        const q = pointOf(second, c);
        const lambda = Math.max(ball.conformalFactor(p, c), ball.conformalFactor(q, c));
        const klein = to.kleinDist(to.poincareToKlein(p, c), to.poincareToKlein(q, c), c);
        const limit = (ROUNDINGS * lambda ** 2) / Math.sqrt(c);
        expect(Math.abs(klein - ball.dist(p, q, c))).toBeLessThanOrEqual(limit);
      }),
      LAWS,
    );
  });

  it('send a geodesic of Klein’s ball to its chord: three points of it are on one line', () => {
    const [p, q] = [
      [0.3, 0.5],
      [-0.6, 0.1],
    ];
    const middle = ball.exp(
      p,
      ball.log(p, q, 1).map((a) => 0.3 * a),
      1,
    );
    const [a, b, m] = [p, q, middle].map((x) => to.poincareToKlein(x, 1));
    const area = (b[0] - a[0]) * (m[1] - a[1]) - (b[1] - a[1]) * (m[0] - a[0]);
    expect(Math.abs(area)).toBeLessThan(1e-15);
  });

  it('have the images worked out by hand', () => {
    // |p| = 1/2 at c = 1: λ = 8/3, so the time is 5/3, the space 4/3 and Klein's norm 4/5.
    expect(Array.from(to.poincareToLorentz([0.5, 0], 1))).toEqual([5 / 3, 4 / 3, 0]);
    expect(to.poincareToKlein([0.5, 0], 1)[0]).toBeCloseTo(0.8, 15);
    // Up the axis of the half-space heights are exponentials of the distance, ln 3.
    expect(to.poincareToHalfSpace([0, 0.5], 1)[1]).toBeCloseTo(3, 14);
    expect(Array.from(to.poincareToHalfSpace([0, 0], 4))).toEqual([0, 1]);
  });

  it('send the origin to the origin of each model, for any curvature', () => {
    fc.assert(
      fc.property(curvature, (c) => {
        const origin = [0, 0, 0];
        expect(Array.from(to.poincareToLorentz(origin, c))).toEqual(Array.from(lorentz.lift(origin, c)));
        expect(Array.from(to.lorentzToPoincare(lorentz.lift(origin, c), c))).toEqual(origin);
        expect(Array.from(to.poincareToKlein(origin, c))).toEqual(origin);
        expect(Array.from(to.kleinToPoincare(origin, c))).toEqual(origin);
        expect(Array.from(to.poincareToHalfSpace(origin, c))).toEqual([0, 0, 1]);
        expect(Array.from(to.halfSpaceToPoincare([0, 0, 1], c))).toEqual(origin);
      }),
      LAWS,
    );
  });

  it('measure 0 between equal points, and short distances to the last digits', () => {
    expect(to.kleinDist([0.3, 0.4], [0.3, 0.4], 1)).toBe(0);
    expect(to.halfSpaceDist([3, 0.4], [3, 0.4], 1)).toBe(0);
    // By hand: artanh h along Klein's axis, ln(1 + h) up the half-space, in units of 1/√c.
    const h = 1e-9;
    expect(to.kleinDist([0, 0], [h / 2, 0], 4) / (h / 2)).toBeCloseTo(1, 14);
    // Of 1 + h as float64 has it.
    expect(to.halfSpaceDist([0, 1], [0, 1 + h], 4) / (Math.log1p(1 + h - 1) / 2)).toBeCloseTo(1, 14);
  });

  it('take the time of a point of the hyperboloid from the rest of it', () => {
    const x = lorentz.lift([300, -400], 1);
    const off = Float64Array.from(x);
    off[0] *= 1 + 1e-6;
    expect(to.lorentzToPoincare(off, 1)).toEqual(to.lorentzToPoincare(x, 1));
    off[0] *= 1 + 1e-3;
    expect(() => to.lorentzToPoincare(off, 1)).toThrow(/lorentzToPoincare x.*a time 500/);
  });

  it('keep the heights of the half-space over many magnitudes', () => {
    for (const height of [1e-12, 1e-6, 1e6]) {
      const back = to.poincareToHalfSpace(to.halfSpaceToPoincare([0.5, height], 1), 1);
      // The ball resolves 2^-53 λ of a length, and a height is exponential in it.
      const lambda = ball.conformalFactor(to.halfSpaceToPoincare([0.5, height], 1), 1);
      expect(Math.abs(Math.log(back[1] / height))).toBeLessThanOrEqual(ROUNDINGS * lambda);
    }
  });

  it('refuse points that are none of theirs, by the name of the argument', () => {
    expect(() => to.poincareToLorentz([1, 0], 1)).toThrow(DomainError);
    expect(() => to.kleinToPoincare([0.6, 0.8], 1)).toThrow(/kleinToPoincare k.*norm < 1/);
    expect(() => to.kleinDist([0, 0], [Number.NaN, 0], 1)).toThrow(/kleinDist y/);
    expect(() => to.halfSpaceToPoincare([3, 0], 1)).toThrow(/halfSpaceToPoincare x.*last > 0/);
    expect(() => to.halfSpaceDist([3, 1], [3, Number.NaN], 1)).toThrow(/halfSpaceDist y/);
    expect(() => to.lorentzToPoincare([-1, 0], 1)).toThrow(/lorentzToPoincare x.*a time 1, got -1/);
    expect(() => to.kleinToPoincare([0], -1)).toThrow(DomainError);
  });
});

describe('the stereographic projection of the sphere', () => {
  /** Distances from the pole of projection down to 1e-6 radii: coordinates up to 2e6. */
  const angle = fc.double({ min: 0, max: Math.PI - 1e-6, noNaN: true });
  const pointAt = (v: number[], r: number, K: number) =>
    v.map((a) => (a * Math.tan(r / 2)) / (Math.sqrt(K) * Math.hypot(...v)));

  it('maps there and back, relative to the size of the coordinates, up to the pole', () => {
    fc.assert(
      fc.property(direction, angle, curvature, (v, r, K) => {
        const x = pointAt(v, r, K);
        const back = to.sphereToStereographic(to.stereographicToSphere(x, K), K);
        const off = Math.hypot(...x.map((a, k) => a - back[k]));
        expect(off).toBeLessThanOrEqual(ROUNDINGS * Math.hypot(...x));
      }),
      LAWS,
    );
  });

  it('keeps distances', () => {
    fc.assert(
      fc.property(direction, direction, angle, angle, curvature, (v, w, r, s, K) => {
        const [x, y] = [pointAt(v, r, K), pointAt(w, s, K)];
        const arc = sphere.dist(to.stereographicToSphere(x, K), to.stereographicToSphere(y, K), K);
        expect(Math.abs(arc - stereographic.dist(x, y, K))).toBeLessThanOrEqual(ROUNDINGS / Math.sqrt(K));
      }),
      LAWS,
    );
  });

  it('sends the origin to the last axis, the equator to itself, the lower half outside of it', () => {
    expect(Array.from(to.stereographicToSphere([0, 0], 4))).toEqual([0, 0, 0.5]);
    expect(Array.from(to.sphereToStereographic([0, 0, 0.5], 4))).toEqual([0, 0]);
    expect(Array.from(to.stereographicToSphere([0.3, 0.4], 4))).toEqual([0.3, 0.4, 0]);
    expect(Array.from(to.sphereToStereographic([0.3, 0.4, 0], 4))).toEqual([0.3, 0.4]);
    // By hand: (3/5, -4/5) is seen from the pole (0, -1) at (3/5) / (1/5).
    expect(to.sphereToStereographic([0.6, -0.8], 1)[0]).toBeCloseTo(3, 14);
  });

  it('has no image of the pole, and none at K <= 0', () => {
    expect(() => to.sphereToStereographic([0, 0, -1], 1)).toThrow(/sphereToStereographic X.*pole/);
    expect(() => to.stereographicToSphere([0, 0], 0)).toThrow(/stereographicToSphere K/);
  });
});
