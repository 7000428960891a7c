import { requirePositive } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import { lift } from './lorentz.js';
import { conformalFactor } from './poincare.js';
import { OFF_SURFACE } from './points.js';
import { combine, dot, norm, scale } from './vector.js';

// One point in the coordinates of several models. All maps but the one to the sphere are isometries between models of
// curvature -c, c > 0. Near the rim of the ball the Poincaré and the half-space coordinates resolve 2^-53 λ of
// a length, λ the conformal factor, and Klein's only 2^-53 λ², so a far point goes through Klein with half its digits.
// A result that rounds to the rim is returned as it is, and refused by what reads it; nothing clamps.
// Source: Cannon, Floyd, Kenyon, Parry 1997, "Hyperbolic geometry", section 7; Ratcliffe 2019, chapters 4 and 6.

/** (λ - 1)/√c as time and λ p as space. @param p [n] inside the ball @returns [n + 1] @throws DomainError on or outside the rim */
export function poincareToLorentz(p: ArrayLike<number>, c: number): Float64Array {
  return lift(scale(conformalFactor(p, c), p), c);
}

/**
 * rest / (1 + √c x0), x0 the time that belongs to the rest: that of x itself may be off by rounding.
 * @param x [n + 1] on the hyperboloid, time first @returns [n] @throws DomainError off the hyperboloid by more than OFF_SURFACE
 */
export function lorentzToPoincare(x: ArrayLike<number>, c: number): Float64Array {
  requirePositive(c, 'lorentzToPoincare c (= -curvature)');
  const rest = Float64Array.from(x).subarray(1);
  const time = Math.sqrt(1 / c + dot(rest, rest));
  if (!(Math.abs(x[0] - time) <= OFF_SURFACE * time)) {
    const remedy = 'lift the space coordinates onto the hyperboloid first';
    throw new DomainError(expectation('lorentzToPoincare x', `a time ${time}`, x[0], remedy));
  }
  return scale(1 / (1 + Math.sqrt(c) * time), rest);
}

/** 2p / (1 + c|p|²). @param p [n] inside the ball @throws DomainError on or outside the rim */
export function poincareToKlein(p: ArrayLike<number>, c: number): Float64Array {
  const lambda = conformalFactor(p, c);
  // 1 + c|p|² = 2 - 2/λ.
  return scale(lambda / (lambda - 1), p);
}

/** k / (1 + √(1 - c|k|²)). @param k [n] in Klein's ball of radius 1/√c @throws DomainError on or outside the rim */
export function kleinToPoincare(k: ArrayLike<number>, c: number): Float64Array {
  return scale(1 / (1 + Math.sqrt(kleinGap(k, c, 'kleinToPoincare k'))), k);
}

/** Geodesic distance, asinh(√(c (g_x |Δ|² + c (x·Δ)²) / (g_x g_y))) / √c, Δ = y - x, g = 1 - c|·|². @throws DomainError outside */
export function kleinDist(x: ArrayLike<number>, y: ArrayLike<number>, c: number): number {
  const ofX = kleinGap(x, c, 'kleinDist x');
  const ofY = kleinGap(y, c, 'kleinDist y');
  const delta = combine(1, y, -1, x);
  const squared = ofX * dot(delta, delta) + c * dot(x, delta) ** 2;
  return Math.asinh(Math.sqrt((c * squared) / (ofX * ofY))) / Math.sqrt(c);
}

/**
 * The upper half-space with metric |dx|² / (c x_n²), x_n > 0 the last coordinate: the origin goes to (0, ..., 0, 1),
 * the rim point (0, ..., 0, 1/√c) to infinity. With q = √c p: (2 q_1, ..., 2 q_{n-1}, 1 - |q|²) / |q - e_n|².
 * @param p [n] inside the ball @returns [n], pure numbers @throws DomainError on or outside the rim
 */
export function poincareToHalfSpace(p: ArrayLike<number>, c: number): Float64Array {
  const height = 2 / conformalFactor(p, c);
  const q = scale(Math.sqrt(c), p);
  const last = q.length - 1;
  const base = q.subarray(0, last);
  const fromPole = dot(base, base) + (1 - q[last]) ** 2;
  const x = scale(2 / fromPole, q);
  x[last] = height / fromPole;
  return x;
}

/** Inverse of poincareToHalfSpace. @param x [n], last coordinate > 0 @throws DomainError otherwise */
export function halfSpaceToPoincare(x: ArrayLike<number>, c: number): Float64Array {
  requirePositive(c, 'halfSpaceToPoincare c (= -curvature)');
  const height = heightOf(x, 'halfSpaceToPoincare x');
  const q = scale(2, x);
  const base = q.subarray(0, q.length - 1);
  const squaredBase = dot(base, base) / 4;
  q[q.length - 1] = squaredBase + (height - 1) * (height + 1);
  return scale(1 / (Math.sqrt(c) * (squaredBase + (height + 1) ** 2)), q);
}

/** Geodesic distance, (2/√c) asinh(|x - y| / (2 √(x_n y_n))). @throws DomainError unless both heights are > 0 */
export function halfSpaceDist(x: ArrayLike<number>, y: ArrayLike<number>, c: number): number {
  requirePositive(c, 'halfSpaceDist c (= -curvature)');
  const root = Math.sqrt(heightOf(x, 'halfSpaceDist x')) * Math.sqrt(heightOf(y, 'halfSpaceDist y'));
  return (2 / Math.sqrt(c)) * Math.asinh(norm(combine(1, x, -1, y)) / (2 * root));
}

/**
 * Inverse stereographic projection onto the sphere |X| = 1/√K, an isometry: (λ x, (λ - 1)/√K), λ = 2 / (1 + K|x|²).
 * The origin goes to the last axis. For K < 0 see poincareToLorentz.
 * @param x [n], any finite point @param K curvature > 0 @returns [n + 1] @throws DomainError unless K > 0
 */
export function stereographicToSphere(x: ArrayLike<number>, K: number): Float64Array {
  requirePositive(K, 'stereographicToSphere K');
  const squared = K * dot(x, x);
  const pole = (1 - squared) / ((1 + squared) * Math.sqrt(K));
  return Float64Array.of(...scale(2 / (1 + squared), x), pole);
}

/**
 * Stereographic projection, inverse of stereographicToSphere: rest / (1 + √K X_last).
 * @param X [n + 1] on the sphere of curvature K > 0 @returns [n] @throws DomainError at (0, ..., 0, -1/√K), the pole of projection
 */
export function sphereToStereographic(X: ArrayLike<number>, K: number): Float64Array {
  requirePositive(K, 'sphereToStereographic K');
  const rest = Float64Array.from(X).subarray(0, X.length - 1);
  const pole = Math.sqrt(K) * X[X.length - 1];
  // On the lower half 1 + pole cancels; K|rest|² = (1 + pole)(1 - pole) does not.
  const denominator = pole < 0 ? (K * dot(rest, rest)) / (1 - pole) : 1 + pole;
  if (denominator > 0) return scale(1 / denominator, rest);
  const remedy = 'the pole of projection has no image: leave it out';
  throw new DomainError(expectation('sphereToStereographic X', 'a point off the pole', X, remedy));
}

function kleinGap(k: ArrayLike<number>, c: number, who: string): number {
  requirePositive(c, 'Klein c (= -curvature)');
  const length = Math.sqrt(c) * norm(k);
  if (length < 1) return (1 - length) * (1 + length);
  const remedy = 'scale the point into the ball first';
  throw new DomainError(expectation(who, `norm < ${1 / Math.sqrt(c)}`, norm(k), remedy));
}

function heightOf(x: ArrayLike<number>, who: string): number {
  const height = x[x.length - 1];
  if (height > 0 && norm(x) < Number.POSITIVE_INFINITY) return height;
  const remedy = 'points of the upper half-space have a positive last coordinate';
  throw new DomainError(expectation(who, 'finite numbers, the last > 0', x, remedy));
}
