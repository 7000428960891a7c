import { requireLength } from '../core/checks.js';
import { distance } from './distance.js';
import { combine, dot } from './vector.js';

// The κ-stereographic model, any real K: the Poincaré ball for K < 0, twice the Euclidean metric at K = 0, the
// sphere projected from a pole for K > 0. Source: Bachmann, Bécigneul, Ganea 2020, arXiv:1911.05076.

/** Geodesic distance 2 tan_K⁻¹(|(-x) ⊕ y|), smooth in K. @throws DomainError outside the ball for K < 0 */
export function dist(x: ArrayLike<number>, y: ArrayLike<number>, K: number): number {
  return distance({ kind: 'stereographic', dim: x.length, curvature: K }, x, y);
}

/** x ⊕ y = ((1 - 2K x·y - K|y|²) x + (1 + K|x|²) y) / (1 - 2K x·y + K²|x|²|y|²). */
export function mobiusAdd(x: ArrayLike<number>, y: ArrayLike<number>, K: number): Float64Array {
  requireLength(y.length, x.length, 'mobiusAdd y');
  const xx = dot(x, x);
  const yy = dot(y, y);
  const xy = dot(x, y);
  const denominator = 1 - 2 * K * xy + K * K * xx * yy;
  return combine((1 - 2 * K * xy - K * yy) / denominator, x, (1 + K * xx) / denominator, y);
}
