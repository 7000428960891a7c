import { requirePositive } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import { distance } from './distance.js';
import { combine, dot, norm, scale } from './vector.js';

// The sphere |x| = 1/√K of curvature K > 0.

/** Arc length, (2/√K) atan2(|x - y|, |x + y|). @throws DomainError off the sphere */
export function dist(x: ArrayLike<number>, y: ArrayLike<number>, K: number): number {
  requirePositive(K, 'sphere K');
  return distance({ kind: 'sphere', dim: x.length, curvature: K }, x, y);
}

/** cos(√K |u|) x + sin(√K |u|) u / (√K |u|), u a tangent vector at x: x·u = 0. */
export function exp(x: ArrayLike<number>, u: ArrayLike<number>, K: number): Float64Array {
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
