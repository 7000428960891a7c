import { DomainError, expectation } from '../core/errors.js';
import { distance } from './distance.js';
import { cosK, sinK, tanK } from './trigonometry.js';
import { combine, dot, norm, scale } from './vector.js';

// The κ-stereographic model, any real K: the Poincaré ball for K < 0, twice the Euclidean metric at K = 0, the
// sphere projected from a pole for K > 0; every function is smooth in K through 0. Points x, y and tangent vectors u
// have the same length; a point with K|x|² <= -1, on or outside the ball, throws DomainError.
// Source: Bachmann, Bécigneul, Ganea 2020, "Constant curvature graph convolutional networks", arXiv:1911.05076.

/** Geodesic distance 2 tan_K⁻¹(|(-x) ⊕ y|), smooth in K. @throws DomainError outside the ball for K < 0 */
export function dist(x: ArrayLike<number>, y: ArrayLike<number>, K: number): number {
  return distance({ kind: 'stereographic', dim: x.length, curvature: K }, x, y);
}

/** Distance to the origin, 2 tan_K⁻¹(|x|): up to π/√K for K > 0. @throws as dist */
export function dist0(x: ArrayLike<number>, K: number): number {
  return dist(new Float64Array(x.length), x, K);
}

/** Conformal factor λ_x = 2 / (1 + K|x|²): a tangent vector u at x has length λ_x |u|. */
export function conformalFactor(x: ArrayLike<number>, K: number): number {
  return 2 / gap(x, K);
}

/**
 * x ⊕ y = ((1 - 2K x·y - K|y|²) x + (1 + K|x|²) y) / (1 - 2K x·y + K²|x|²|y|²).
 * @throws DomainError where the sum is the pole of projection (K > 0), which has no coordinates
 */
export function mobiusAdd(x: ArrayLike<number>, y: ArrayLike<number>, K: number): Float64Array {
  const ofX = gap(x, K);
  const yy = gap(y, K) - 1;
  const xy = dot(x, y);
  const denominator = 1 - 2 * K * xy + (ofX - 1) * yy;
  requireOffPole(denominator, 'mobiusAdd');
  return combine((1 - 2 * K * xy - yy) / denominator, x, ofX / denominator, y);
}

/**
 * Exponential map at x, x ⊕ tan_K(λ_x |u| / 2) u / |u|, written in sin_K and cos_K of the geodesic length t = λ_x |u|
 * so that no infinite tangent and no point of the rim stands in between. For K < 0 it rounds to the rim far out.
 * @throws DomainError where it ends at the pole of projection (K > 0)
 */
export function exp(x: ArrayLike<number>, u: ArrayLike<number>, K: number): Float64Array {
  const ofX = gap(x, K);
  const length = norm(u);
  if (!(length > 0)) return Float64Array.from(x);
  const t = (2 / ofX) * length;
  const along = dot(x, u) / length;
  const sine = sinK(t, K);
  const half = sinK(t / 2, K);
  const denominator = cosK(t / 2, K) ** 2 - K * sine * along + K * (ofX - 1) * half * half;
  requireOffPole(denominator, 'stereographic exp');
  const ofPoint = (cosK(t, K) - K * sine * along) / denominator;
  return combine(ofPoint, x, (ofX * sine) / (2 * length * denominator), u);
}

/** exp at the origin: tan_K(|u|) u / |u|. @throws DomainError for K > 0 and |u| >= π / (2√K), at or past the pole */
export function exp0(u: ArrayLike<number>, K: number): Float64Array {
  const length = norm(u);
  if (K > 0 && !(Math.sqrt(K) * length < Math.PI / 2)) {
    const remedy = 'longer vectors reach the pole of projection';
    throw new DomainError(
      expectation('stereographic exp0 u', `norm < ${Math.PI / (2 * Math.sqrt(K))}`, length, remedy),
    );
  }
  return scale(length > 0 ? tanK(length, K) / length : 1, u);
}

/**
 * Inverse of exp: the tangent vector at x, of Riemannian length dist(x, y), that points to y.
 * @throws DomainError for antipodes (K > 0): every direction leads there
 */
export function log(x: ArrayLike<number>, y: ArrayLike<number>, K: number): Float64Array {
  const d = dist(x, y, K);
  const ofX = gap(x, K);
  const delta = combine(1, y, -1, x);
  // (-x) ⊕ y without its denominator, from the difference: exact for close points, finite for all.
  const toward = combine(ofX, delta, K * dot(delta, delta), x);
  const length = norm(toward);
  if (length > 0) return scale((d * ofX) / (2 * length), toward);
  if (d === 0) return toward;
  const remedy = 'the direction from a point to its antipode is undefined';
  throw new DomainError(expectation('stereographic log', 'a distance < π/√K', d, remedy));
}

/** Inverse of exp0: half the distance to the origin, in the direction of x. */
export function log0(x: ArrayLike<number>, K: number): Float64Array {
  gap(x, K);
  const length = norm(x);
  return scale(length > 0 ? dist0(x, K) / (2 * length) : 1, x);
}

/**
 * Parallel transport of u from x to y along the shorter geodesic, (λ_x / λ_y) gyr[y, -x] u. The gyration is summed
 * from the difference Δ = y - x, so that nothing cancels near the rim.
 * @throws DomainError for antipodes (K > 0): the result would depend on the way taken
 */
export function transport(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  u: ArrayLike<number>,
  K: number,
): Float64Array {
  const ofX = gap(x, K);
  const ofY = gap(y, K);
  const delta = combine(1, y, -1, x);
  const [squared, xDelta, xu, deltaU] = [dot(delta, delta), dot(x, delta), dot(x, u), dot(delta, u)];
  const denominator = ofX * ofY - K * squared;
  requireOffPole(denominator, 'stereographic transport');
  const ofDelta = K * xu * ofX + 2 * K * K * xDelta * xu - K * (ofX - 1) * deltaU;
  const ofPoint = -K * ofX * deltaU - K * K * xu * squared;
  const turned = combine(1, u, 2 / denominator, combine(ofDelta, delta, ofPoint, x));
  return scale(ofY / ofX, turned);
}

/** Parallel transport of u from the origin to y, (1 + K|y|²) u. */
export function transport0(y: ArrayLike<number>, u: ArrayLike<number>, K: number): Float64Array {
  return scale(gap(y, K), u);
}

/** Parallel transport of u from y to the origin, the inverse of transport0. */
export function transport0Back(y: ArrayLike<number>, u: ArrayLike<number>, K: number): Float64Array {
  return scale(1 / gap(y, K), u);
}

/** Euclidean gradient at x to Riemannian gradient: g / λ_x². */
export function egrad2rgrad(x: ArrayLike<number>, g: ArrayLike<number>, K: number): Float64Array {
  return scale(conformalFactor(x, K) ** -2, g);
}

/** 1 + K|x|². */
function gap(x: ArrayLike<number>, K: number): number {
  const value = 1 + K * dot(x, x);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  const expected = K < 0 ? `norm < ${1 / Math.sqrt(-K)}` : 'finite numbers and a finite curvature';
  const remedy = 'project the point into the ball first, or check the curvature';
  throw new DomainError(expectation('stereographic point', expected, norm(x), remedy));
}

/** The denominators here are sums of squares; they vanish only for a result at the pole, or between antipodes. */
function requireOffPole(denominator: number, who: string): void {
  if (denominator > 0) return;
  const remedy = 'the pole of projection has no coordinates, and no shortest way joins antipodes';
  throw new DomainError(expectation(who, 'a denominator > 0', denominator, remedy));
}
