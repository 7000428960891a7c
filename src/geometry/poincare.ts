import { requirePositive } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import { distance } from './distance.js';
import { combine, dot, norm, scale } from './vector.js';

// The ball of curvature -c, c > 0: |x| < 1/√c. Points x, y and tangent vectors u have the same length; every
// function throws DomainError for a point that is not inside. Source throughout: Ganea, Bécigneul, Hofmann 2018,
// "Hyperbolic neural networks", arXiv:1805.09112, section 2.

/** Geodesic distance, (2/√c) asinh(√c |x - y| / √((1 - c|x|²)(1 - c|y|²))). */
export function dist(x: ArrayLike<number>, y: ArrayLike<number>, c: number): number {
  return distance({ kind: 'poincare', dim: x.length, curvature: -requireCurvature(c) }, x, y);
}

/** Distance to the origin, (2/√c) artanh(√c |x|), with artanh t = asinh(t / √(1 - t²)). */
export function dist0(x: ArrayLike<number>, c: number): number {
  return (2 / Math.sqrt(c)) * Math.asinh((Math.sqrt(c) * norm(x)) / Math.sqrt(gap(x, c)));
}

/** Conformal factor λ_x = 2 / (1 - c|x|²): a tangent vector u at x has length λ_x |u|. */
export function conformalFactor(x: ArrayLike<number>, c: number): number {
  return 2 / gap(x, c);
}

/** x ⊕ y = ((1 + 2c x·y + c|y|²) x + (1 - c|x|²) y) / (1 + 2c x·y + c²|x|²|y|²). */
export function mobiusAdd(x: ArrayLike<number>, y: ArrayLike<number>, c: number): Float64Array {
  const ofX = gap(x, c);
  const xy = dot(x, y);
  const yy = 1 - gap(y, c);
  const denominator = 1 + 2 * c * xy + (1 - ofX) * yy;
  return combine((1 + 2 * c * xy + yy) / denominator, x, ofX / denominator, y);
}

/**
 * Exponential map at the origin: tanh(√c |u|) u / (√c |u|). No clamp: beyond √c |u| = 18 the result rounds to the
 * rim, which the other functions refuse; see project.
 */
export function exp0(u: ArrayLike<number>, c: number): Float64Array {
  const t = Math.sqrt(requireCurvature(c)) * norm(u);
  return scale(t > 0 ? Math.tanh(t) / t : 1, u);
}

/** Inverse of exp0: half the distance to the origin, in the direction of x. */
export function log0(x: ArrayLike<number>, c: number): Float64Array {
  const length = norm(x);
  return scale(length > 0 ? dist0(x, c) / (2 * length) : 1, x);
}

/** Exponential map at x: x ⊕ tanh(√c λ_x |u| / 2) u / (√c |u|). Rounds to the rim as exp0 does. */
export function exp(x: ArrayLike<number>, u: ArrayLike<number>, c: number): Float64Array {
  const lambda = conformalFactor(x, c);
  return mobiusAdd(x, exp0(scale(lambda / 2, u), c), c);
}

/** Inverse of exp: the tangent vector at x, of Riemannian length dist(x, y), that points to y. */
export function log(x: ArrayLike<number>, y: ArrayLike<number>, c: number): Float64Array {
  const toward = difference(x, y, c);
  const length = norm(toward);
  return scale(length > 0 ? dist(x, y, c) / (conformalFactor(x, c) * length) : 0, toward);
}

/** Euclidean gradient at x to Riemannian gradient: g / λ_x². */
export function egrad2rgrad(x: ArrayLike<number>, g: ArrayLike<number>, c: number): Float64Array {
  return scale(conformalFactor(x, c) ** -2, g);
}

/** Euclidean gradient of dist(x, y) in x; zero at x = y, where there is none. */
export function distGradient(x: ArrayLike<number>, y: ArrayLike<number>, c: number): Float64Array {
  const delta = combine(1, x, -1, y);
  const length = norm(delta);
  const ofX = gap(x, c);
  if (!(length > 0)) return delta;
  const factor = 2 / Math.sqrt(ofX * gap(y, c) + c * length * length);
  return combine(factor / length, delta, (factor * c * length) / ofX, x);
}

/**
 * Scales x back to norm (1 - margin)/√c if it is farther out, and copies it otherwise. Nothing else here clamps.
 * @param margin share of the radius to keep from the rim, in (0, 1)
 */
export function project(x: ArrayLike<number>, c: number, margin: number): Float64Array {
  requirePositive(margin, 'project margin');
  const limit = (1 - margin) / Math.sqrt(requireCurvature(c));
  const length = norm(x);
  return scale(length > limit ? limit / length : 1, x);
}

/** (-x) ⊕ y with the factor of the near-cancelling x - y taken out first, so that it is exact for close points. */
export function difference(x: ArrayLike<number>, y: ArrayLike<number>, c: number): Float64Array {
  const delta = combine(1, y, -1, x);
  const ofX = gap(x, c);
  const squared = dot(delta, delta);
  // 1 - 2c x·y + c²|x|²|y|² = (1 - c|x|²)(1 - c|y|²) + c|y - x|², and 1 - 2c x·y + c|y|² = 1 - c|x|² + c|y - x|².
  const denominator = ofX * gap(y, c) + c * squared;
  return combine(ofX / denominator, delta, (-c * squared) / denominator, x);
}

/** 1 - c|x|². */
function gap(x: ArrayLike<number>, c: number): number {
  const value = 1 - requireCurvature(c) * dot(x, x);
  if (value > 0) return value;
  const remedy = 'project the point into the ball first';
  throw new DomainError(expectation('poincare point', `norm < ${1 / Math.sqrt(c)}`, norm(x), remedy));
}

function requireCurvature(c: number): number {
  requirePositive(c, 'poincare c (= -curvature)');
  return c;
}
