import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/core/errors.js';
import * as ballGyro from '../../src/geometry/gyrovector.js';
import { geodesic, manifoldOf } from '../../src/geometry/manifold.js';
import * as ball from '../../src/geometry/poincare.js';
import * as stereo from '../../src/geometry/stereographic.js';
import * as gyro from '../../src/geometry/stereographicGyrovector.js';
import { coordinates, LAWS, matrixOf } from './support.js';

type Three = readonly [number[], number[], number[]];
/** x, y points, u a tangent vector at x or a third vector. */
type Operation = (x: number[], y: number[], u: number[], K: number) => ArrayLike<number>;

const geodesicIn = (K: number, t: number, x: number[], y: number[]) =>
  geodesic(manifoldOf({ kind: 'stereographic', dim: x.length, curvature: K }), t, x, y);

const OPERATIONS: Readonly<Record<string, Operation>> = {
  dist: (x, y, _, K) => [stereo.dist(x, y, K)],
  conformalFactor: (x, _, __, K) => [stereo.conformalFactor(x, K)],
  mobiusAdd: (x, y, _, K) => stereo.mobiusAdd(x, y, K),
  exp: (x, _, u, K) => stereo.exp(x, u, K),
  exp0: (_, __, u, K) => stereo.exp0(u, K),
  log: (x, y, _, K) => stereo.log(x, y, K),
  log0: (x, _, __, K) => stereo.log0(x, K),
  geodesic: (x, y, _, K) => geodesicIn(K, 0.3, x, y),
  transport: (x, y, u, K) => stereo.transport(x, y, u, K),
  transport0: (x, _, u, K) => stereo.transport0(x, u, K),
  egrad2rgrad: (x, _, u, K) => stereo.egrad2rgrad(x, u, K),
  mobiusScalarMul: (x, _, __, K) => gyro.mobiusScalarMul(0.7, x, K),
  mobiusMatvec: (x, y, u, K) => gyro.mobiusMatvec(matrixOf([y, u]), x, K),
  mobiusPointwiseMul: (x, _, u, K) => gyro.mobiusPointwiseMul(u, x, K),
  dist0: (x, _, __, K) => [stereo.dist0(x, K)],
  gyration: (x, y, u, K) => gyro.gyration(x, y, u, K),
  midpoint: (x, y, _, K) => gyro.midpoint(matrixOf([x, y]), [1, 3], K),
  distanceToHyperplane: (x, y, u, K) => [gyro.distanceToHyperplane(x, y, u, K)],
  coadd: (x, y, _, K) => gyro.coadd(x, y, K),
};

const IN_THE_BALL: Readonly<Record<string, Operation>> = {
  dist: (x, y, _, K) => [ball.dist(x, y, -K)],
  conformalFactor: (x, _, __, K) => [ball.conformalFactor(x, -K)],
  mobiusAdd: (x, y, _, K) => ball.mobiusAdd(x, y, -K),
  exp: (x, _, u, K) => ball.exp(x, u, -K),
  exp0: (_, __, u, K) => ball.exp0(u, -K),
  log: (x, y, _, K) => ball.log(x, y, -K),
  log0: (x, _, __, K) => ball.log0(x, -K),
  geodesic: (x, y, _, K) => ballGyro.geodesic(0.3, x, y, -K),
  transport: (x, y, u, K) => ballGyro.transport(x, y, u, -K),
  transport0: (x, _, u, K) => ballGyro.transport0(x, u, -K),
  egrad2rgrad: (x, _, u, K) => ball.egrad2rgrad(x, u, -K),
  mobiusScalarMul: (x, _, __, K) => ballGyro.mobiusScalarMul(0.7, x, -K),
  mobiusMatvec: (x, y, u, K) => ballGyro.mobiusMatvec(matrixOf([y, u]), x, -K),
  mobiusPointwiseMul: (x, _, u, K) => ballGyro.mobiusPointwiseMul(u, x, -K),
  dist0: (x, _, __, K) => [ball.dist0(x, -K)],
  gyration: (x, y, u, K) => ballGyro.gyration(x, y, u, -K),
  midpoint: (x, y, _, K) => ballGyro.midpoint(matrixOf([x, y]), [1, 3], -K),
  distanceToHyperplane: (x, y, u, K) => [ballGyro.distanceToHyperplane(x, y, u, -K)],
};

const AT_ZERO: Readonly<Record<string, Operation>> = {
  mobiusAdd: (x, y) => x.map((a, k) => a + y[k]),
  exp: (x, _, u) => x.map((a, k) => a + u[k]),
  log: (x, y) => x.map((a, k) => y[k] - a),
  transport: (_, __, u) => u,
  gyration: (_, __, u) => u,
  midpoint: (x, y) => x.map((a, k) => (a + 3 * y[k]) / 4),
  coadd: (x, y) => x.map((a, k) => a + y[k]),
  mobiusPointwiseMul: (x, _, u) => x.map((a, k) => a * u[k]),
  dist0: (x) => [2 * Math.hypot(...x)],
};

/** Coordinates below 1 and conformal factors below 10. */
const ROUNDING = 1e-12;
const three: fc.Arbitrary<Three> = fc
  .tuple(coordinates(3), coordinates(3), coordinates(3))
  .map(([x, y, u]) => [x, y, u] as const)
  .filter((all) => all.every((v) => Math.hypot(...v) > 1e-3));

function worst(x: ArrayLike<number>, y: ArrayLike<number>): number {
  expect(x.length).toBe(y.length);
  return Array.from(x).reduce((most, a, k) => Math.max(most, Math.abs(a - y[k])), 0);
}

const half = (v: readonly number[]) => v.map((a) => a / 2);

describe('the stereographic model', () => {
  it.each(Object.keys(IN_THE_BALL))('%s is that of the Poincaré ball for K < 0', (name) => {
    fc.assert(
      fc.property(three, fc.double({ min: -1, max: -0.01, noNaN: true }), (all, K) => {
        const [x, y, u] = all.map(half);
        const got = OPERATIONS[name](x, y, u, K);
        expect(worst(got, IN_THE_BALL[name](x, y, u, K))).toBeLessThanOrEqual(40 * ROUNDING);
      }),
      LAWS,
    );
  });

  it.each(Object.keys(AT_ZERO))('%s is that of flat space at K = 0', (name) => {
    fc.assert(
      fc.property(three, ([x, y, u]) => {
        expect(worst(OPERATIONS[name](x, y, u, 0), AT_ZERO[name](x, y, u, 0))).toBeLessThan(ROUNDING);
      }),
      LAWS,
    );
  });

  // Coordinates of halves: every operation has |df/dK| < 20 there, at both signs.
  it.each(Object.keys(OPERATIONS))('%s passes K = 0 without a jump, as fast as K does', (name) => {
    const exponents = fc.double({ min: -12, max: -3, noNaN: true });
    fc.assert(
      fc.property(three, exponents, fc.constantFrom(-1, 1), (all, exponent, sign) => {
        const [x, y, u] = all.map(half);
        const K = sign * 10 ** exponent;
        const change = worst(OPERATIONS[name](x, y, u, K), OPERATIONS[name](x, y, u, 0));
        expect(change).toBeLessThanOrEqual(20 * Math.abs(K) + ROUNDING);
      }),
      LAWS,
    );
  });

  it('has no NaN at the smallest curvatures', () => {
    for (const K of [-5e-324, 5e-324, -1e-300, 1e-300]) {
      for (const [name, f] of Object.entries(OPERATIONS)) {
        const got = f([0.1, 0.2, 0], [0.3, 0, 0.1], [0, 0.1, 0.5], K);
        expect(Array.from(got).every(Number.isFinite), `${name} at ${K}`).toBe(true);
      }
    }
  });

  it('is a gyrogroup for K > 0 too: associative up to the gyration, left inverse, and ⊟ undoes ⊕', () => {
    fc.assert(
      fc.property(three, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, K) => {
        const [x, y, z] = all.map(half);
        const { mobiusAdd } = stereo;
        const left = mobiusAdd(x, mobiusAdd(y, z, K), K);
        // Sums may come near the pole; there coordinates grow and their rounding with them.
        fc.pre(Math.hypot(...left) < 5);
        expect(worst(left, mobiusAdd(mobiusAdd(x, y, K), gyro.gyration(x, y, z, K), K))).toBeLessThan(1e-11);
        expect(worst(gyro.mobiusSub(x, x, K), [0, 0, 0])).toBeLessThan(ROUNDING);
        expect(worst(mobiusAdd(gyro.cosub(x, y, K), y, K), x)).toBeLessThan(1e-11);
        expect(worst(gyro.coadd(x, y, K), gyro.coadd(y, x, K))).toBeLessThan(1e-11);
      }),
      LAWS,
    );
  });

  it('puts the midpoint of two points half way on the geodesic, for both signs', () => {
    fc.assert(
      fc.property(three, fc.double({ min: -1, max: 1, noNaN: true }), (all, K) => {
        const [x, y] = all.map(half);
        const middle = gyro.midpoint(matrixOf([x, y]), [1, 1], K);
        expect(worst(geodesicIn(K, 0.5, x, y), middle)).toBeLessThan(ROUNDING);
      }),
      LAWS,
    );
  });

  it('knows the unit sphere: quarter circles, antipodes, the equator as a hyperplane', () => {
    expect(stereo.dist([0, 0], [1, 0], 1)).toBeCloseTo(Math.PI / 2, 15);
    expect(Array.from(gyro.antipode([0.5, 0], 1))).toEqual([-2, -0]);
    expect(stereo.dist([0.5, 0.1], gyro.antipode([0.5, 0.1], 1), 1)).toBeCloseTo(Math.PI, 14);
    expect(gyro.distanceToHyperplane([1, 0], [0, 0], [1, 0], 1)).toBeCloseTo(Math.PI / 2, 7);
    expect(worst(stereo.transport0Back([1, 0], stereo.transport0([1, 0], [3, 4], 1), 1), [3, 4])).toBe(0);
  });

  it('refuses poles, antipodes, zero normals and points outside the ball', () => {
    expect(() => stereo.exp0([Math.PI / 2, 0], 1)).toThrow(/stereographic exp0 u/);
    expect(() => stereo.mobiusAdd([1, 0], [1, 0], 1)).toThrow(/mobiusAdd.*pole/);
    expect(() => stereo.log([1, 0], [-1, 0], 1)).toThrow(/antipode/);
    expect(() => stereo.transport([1, 0], [-1, 0], [0, 1], 1)).toThrow(/antipodes/);
    expect(() => gyro.antipode([1, 0], -1)).toThrow(/antipode x/);
    expect(() => gyro.distanceToHyperplane([0, 0], [0, 0], [0, 0], 1)).toThrow(/distanceToHyperplane a/);
    expect(() => gyro.midpoint(matrixOf([[1], [-1]]), [1, 1], 1)).toThrow(/midpoint/);
    expect(() => gyro.midpoint(matrixOf([[1]]), [0], 1)).toThrow(/midpoint/);
    expect(() => stereo.exp([2, 0], [1, 0], -1)).toThrow(DomainError);
    expect(() => stereo.log0([Number.NaN], 1)).toThrow(DomainError);
  });
});
