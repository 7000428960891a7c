import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { lorentzToPoincare, poincareToLorentz } from '../../src/geometry/conversions.js';
import * as gyro from '../../src/geometry/gyrovector.js';
import * as lorentz from '../../src/geometry/lorentz.js';
import * as ball from '../../src/geometry/poincare.js';
import * as sphere from '../../src/geometry/sphere.js';
import * as stereographic from '../../src/geometry/stereographic.js';
import { coordinates, LAWS, matrixOf } from './support.js';

/** Coordinates stay below 10 and the conformal factor below 10: a few units in the last place of 100. */
const ROUNDING = 1e-11;

const curvature = fc.double({ min: 0.05, max: 3, noNaN: true });
const inBall = (v: number[], c: number) => v.map((a) => (0.5 * a) / Math.sqrt(c));

function expectClose(x: ArrayLike<number>, y: ArrayLike<number>, tolerance = ROUNDING): void {
  expect(x.length).toBe(y.length);
  for (let k = 0; k < x.length; k++) expect(Math.abs(x[k] - y[k])).toBeLessThanOrEqual(tolerance);
}

describe('the Poincaré ball', () => {
  it('exp and log are inverses, at the origin and elsewhere, and log has the length of the geodesic', () => {
    fc.assert(
      fc.property(coordinates(3), coordinates(3), curvature, (v, w, c) => {
        const x = inBall(v, c);
        const y = inBall(w, c);
        expectClose(ball.exp0(ball.log0(x, c), c), x);
        const u = ball.log(x, y, c);
        expectClose(ball.exp(x, u, c), y);
        expect(ball.conformalFactor(x, c) * Math.hypot(...u)).toBeCloseTo(ball.dist(x, y, c), 11);
      }),
      LAWS,
    );
  });

  it('is a gyrogroup: left inverse, left gyroassociativity, and an isometric left translation', () => {
    fc.assert(
      fc.property(coordinates(3), coordinates(3), coordinates(3), curvature, (u, v, w, c) => {
        const [x, y, z] = [u, v, w].map((p) => inBall(p, c));
        const minusX = x.map((a) => -a);
        expectClose(ball.mobiusAdd(minusX, ball.mobiusAdd(x, y, c), c), y);
        const left = ball.mobiusAdd(x, ball.mobiusAdd(y, z, c), c);
        expectClose(left, ball.mobiusAdd(ball.mobiusAdd(x, y, c), gyro.gyration(x, y, z, c), c));
        expectClose(ball.difference(x, y, c), ball.mobiusAdd(minusX, y, c));
        const moved = ball.dist(ball.mobiusAdd(z, x, c), ball.mobiusAdd(z, y, c), c);
        expect(moved).toBeCloseTo(ball.dist(x, y, c), 10);
      }),
      LAWS,
    );
  });

  it('has the gradient that central differences of the distance have', () => {
    fc.assert(
      fc.property(coordinates(3), coordinates(3), curvature, (v, w, c) => {
        const x = inBall(v, c);
        const y = inBall(w, c);
        // Closer than this the third derivative, 1/d², spoils the differences.
        fc.pre(ball.dist(x, y, c) > 0.05);
        const h = 1e-5;
        const step = (k: number, by: number) => x.map((a, i) => (i === k ? a + by : a));
        const slopes = x.map(
          (_, k) => (ball.dist(step(k, h), y, c) - ball.dist(step(k, -h), y, c)) / (2 * h),
        );
        expectClose(ball.distGradient(x, y, c), slopes, 1e-6);
      }),
      LAWS,
    );
  });

  it('transports along a geodesic without changing length, and meets its midpoint half way', () => {
    fc.assert(
      fc.property(coordinates(3), coordinates(3), coordinates(3), curvature, (v, w, u, c) => {
        const x = inBall(v, c);
        const y = inBall(w, c);
        const moved = gyro.transport(x, y, u, c);
        const lengthAt = (p: number[], t: ArrayLike<number>) =>
          ball.conformalFactor(p, c) * Math.hypot(...Array.from(t));
        expect(lengthAt(y, moved)).toBeCloseTo(lengthAt(x, u), 10);
        expectClose(gyro.geodesic(0.5, x, y, c), gyro.midpoint(matrixOf([x, y]), [1, 1], c));
      }),
      LAWS,
    );
  });

  it('has no direction, and no NaN, at equal points and at the origin', () => {
    expect(Array.from(ball.log([0.1, 0.2], [0.1, 0.2], 1))).toEqual([0, 0]);
    expect(Array.from(ball.distGradient([0.1, 0.2], [0.1, 0.2], 1))).toEqual([0, 0]);
    expect(Array.from(ball.exp0([0, 0], 1))).toEqual([0, 0]);
    expect(Array.from(ball.log0([0, 0], 1))).toEqual([0, 0]);
    expect(Array.from(gyro.mobiusScalarMul(3, [0, 0], 1))).toEqual([0, 0]);
  });

  it('project moves only what is too far out, to exactly the margin', () => {
    expect(Array.from(ball.project([0.3, 0.4], 1, 1e-3))).toEqual([0.3, 0.4]);
    expect(Math.hypot(...ball.project([3, 4], 4, 1e-3))).toBeCloseTo(0.5 * (1 - 1e-3), 15);
  });

  it('refuses the rim, NaN, a curvature of the wrong sign and points of two dimensions', () => {
    expect(() => ball.log0([1, 0], 1)).toThrow(DomainError);
    expect(() => ball.mobiusAdd([Number.NaN], [0], 1)).toThrow(DomainError);
    expect(() => ball.dist([0], [0.5], -1)).toThrow(DomainError);
    expect(() => ball.mobiusAdd([0, 0], [0], 1)).toThrow(ShapeError);
  });
});

describe('the hyperboloid', () => {
  it('is the ball in other coordinates: maps there and back, keeps distances, exp and log are inverses', () => {
    fc.assert(
      fc.property(coordinates(3), coordinates(3), curvature, (v, w, c) => {
        const x = lorentz.lift(v, c);
        const y = lorentz.lift(w, c);
        expectClose(poincareToLorentz(lorentzToPoincare(x, c), c), x);
        const inTheBall = ball.dist(lorentzToPoincare(x, c), lorentzToPoincare(y, c), c);
        expect(lorentz.dist(x, y, c)).toBeCloseTo(inTheBall, 11);
        const u = lorentz.log(x, y, c);
        expect(lorentz.inner(x, u)).toBeCloseTo(0, 10);
        expectClose(lorentz.exp(x, u, c), y);
      }),
      LAWS,
    );
  });
});

describe('the sphere', () => {
  const unit = (v: number[]) => v.map((a) => a / Math.hypot(...v));

  it('exp and log are inverses', () => {
    fc.assert(
      fc.property(coordinates(3), coordinates(3), (v, w) => {
        fc.pre(Math.hypot(...v) > 0.1 && Math.hypot(...w) > 0.1);
        const x = unit(v).map((a) => a / 2);
        const y = unit(w).map((a) => a / 2);
        fc.pre(sphere.dist(x, y, 4) < 1.5);
        expectClose(sphere.exp(x, sphere.log(x, y, 4), 4), y);
      }),
      LAWS,
    );
  });

  it('log is 0 at equal points and undefined at antipodes', () => {
    expect(Array.from(sphere.log([1, 0], [1, 0], 1))).toEqual([0, 0]);
    expect(() => sphere.log([1, 0], [-1, 0], 1)).toThrow(DomainError);
  });
});

describe('the stereographic model', () => {
  it('has the distance of its own gyrovector form, for both signs of K', () => {
    fc.assert(
      fc.property(
        coordinates(3),
        coordinates(3),
        fc.double({ min: 0.05, max: 0.3, noNaN: true }),
        (x, y, K) => {
          const minusX = x.map((a) => -a);
          const lengthIn = (k: number) => Math.hypot(...stereographic.mobiusAdd(minusX, y, k));
          const root = Math.sqrt(K);
          expect(stereographic.dist(x, y, K)).toBeCloseTo((2 / root) * Math.atan(root * lengthIn(K)), 10);
          expect(stereographic.dist(x, y, -K)).toBeCloseTo((2 / root) * Math.atanh(root * lengthIn(-K)), 10);
          expect(stereographic.dist(x, y, 0)).toBeCloseTo(2 * lengthIn(0), 10);
        },
      ),
      LAWS,
    );
  });
});
