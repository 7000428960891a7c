import { requirePositive } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import { distance } from './distance.js';
import { combine, dot, norm, scale } from './vector.js';

// The sphere |x| = 1/√K of curvature K > 0. A tangent vector u at x has as many values as x, and x·u = 0.
// Source: Absil, Mahony, Sepulchre 2008, "Optimization algorithms on matrix manifolds", chapters 3 to 5, 8.

/** Arc length, (2/√K) atan2(|x - y|, |x + y|). @throws DomainError off the sphere */
export function dist(x: ArrayLike<number>, y: ArrayLike<number>, K: number): number {
  requirePositive(K, 'sphere K');
  return distance({ kind: 'sphere', dim: x.length, curvature: K }, x, y);
}

/** cos(√K |u|) x + sin(√K |u|) u / (√K |u|), u tangent at x. Past |u| = π/√K it goes on round the sphere. */
export function exp(x: ArrayLike<number>, u: ArrayLike<number>, K: number): Float64Array {
  requirePositive(K, 'sphere K');
  const t = Math.sqrt(K) * norm(u);
  return combine(Math.cos(t), x, t > 0 ? Math.sin(t) / t : 1, u);
}

/** Inverse of exp for points that are not antipodal. @throws DomainError for those that are: every direction leads there */
export function log(x: ArrayLike<number>, y: ArrayLike<number>, K: number): Float64Array {
  const delta = combine(1, y, -1, x);
  const tangent = combine(1, delta, (K / 2) * dot(delta, delta), x);
  const length = norm(tangent);
  const d = dist(x, y, K);
  if (length > 0) return scale(d / length, tangent);
  if (d === 0) return tangent;
  const remedy = 'the direction from a point to its antipode is undefined';
  throw new DomainError(expectation('sphere log', 'a distance < π/√K', d, remedy));
}

/**
 * Parallel transport of u from x to y along the shorter geodesic: u - (y·u) (x + y) / (1/K + x·y).
 * @throws DomainError for antipodes: the result would depend on the way taken
 */
export function transport(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  u: ArrayLike<number>,
  K: number,
): Float64Array {
  requirePositive(K, 'sphere K');
  const sum = combine(1, x, 1, y);
  // 1/K + x·y = |x + y|² / 2 and y·u = (x + y)·u, without cancellation next to the antipode.
  const squared = dot(sum, sum);
  if (squared > 0) return combine(1, u, (-2 * dot(sum, u)) / squared, sum);
  const remedy = 'there is no shortest way from a point to its antipode';
  throw new DomainError(expectation('sphere transport', 'points that are not antipodal', y, remedy));
}

/** The nearest point of the sphere, x / (√K |x|). @throws DomainError for the zero vector, which has none */
export function project(x: ArrayLike<number>, K: number): Float64Array {
  requirePositive(K, 'sphere K');
  const length = norm(x);
  if (length > 0) return scale(1 / (Math.sqrt(K) * length), x);
  throw new DomainError(expectation('sphere project x', 'a vector other than zero', length, 'leave it out'));
}

/** The part of v that is tangent at x: v - K (x·v) x. */
export function projectTangent(x: ArrayLike<number>, v: ArrayLike<number>, K: number): Float64Array {
  requirePositive(K, 'sphere K');
  return combine(1, v, -K * dot(x, v), x);
}

/** Euclidean gradient at x to Riemannian gradient: its tangent part. */
export function egrad2rgrad(x: ArrayLike<number>, g: ArrayLike<number>, K: number): Float64Array {
  return projectTangent(x, g, K);
}
