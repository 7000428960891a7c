import { requirePositive } from '../core/checks.js';
import { distance } from './distance.js';
import { combine, dot, norm, scale } from './vector.js';

// The upper sheet <x, x> = -1/c of curvature -c, time first. Source: Nickel and Kiela 2018, arXiv:1806.03417.

/** <x, y> = -x0 y0 + x1 y1 + ... */
export function inner(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return dot(x, y) - 2 * x[0] * y[0];
}

/** Geodesic distance, (2/√c) asinh(√(c <x - y, x - y>) / 2). @throws DomainError off the hyperboloid */
export function dist(x: ArrayLike<number>, y: ArrayLike<number>, c: number): number {
  requirePositive(c, 'lorentz c (= -curvature)');
  return distance({ kind: 'lorentz', dim: x.length - 1, curvature: -c }, x, y);
}

/** The point of the sheet above the space coordinates v: (√(1/c + |v|²), v). */
export function lift(v: ArrayLike<number>, c: number): Float64Array {
  requirePositive(c, 'lorentz c (= -curvature)');
  return Float64Array.of(Math.sqrt(1 / c + dot(v, v)), ...Array.from(v));
}

/** cosh(√c |u|) x + sinh(√c |u|) u / (√c |u|), u a tangent vector at x: <x, u> = 0. */
export function exp(x: ArrayLike<number>, u: ArrayLike<number>, c: number): Float64Array {
  const t = Math.sqrt(c * Math.max(0, inner(u, u)));
  return combine(Math.cosh(t), x, t > 0 ? Math.sinh(t) / t : 1, u);
}

/** Inverse of exp. The part of y tangent at x is Δ - (c/2) <Δ, Δ> x, Δ = y - x, of length sinh(√c d) / √c. */
export function log(x: ArrayLike<number>, y: ArrayLike<number>, c: number): Float64Array {
  const t = Math.sqrt(c) * dist(x, y, c);
  // <Δ, Δ> from the distance, which has it without cancellation.
  const squared = (4 / c) * Math.sinh(t / 2) ** 2;
  const tangent = combine(1, combine(1, y, -1, x), (-c / 2) * squared, x);
  return scale(t > 0 ? t / Math.sinh(t) : 1, tangent);
}

/** Parallel transport of v from x to y along the geodesic: v + c <y, v> / (1 - c <x, y>) (x + y). */
export function transport(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  v: ArrayLike<number>,
  c: number,
): Float64Array {
  const share = (c * inner(y, v)) / (1 - c * inner(x, y));
  return combine(1, v, share, combine(1, x, 1, y));
}

/** The same point in the Poincaré ball: rest / (1 + √c x0). */
export function toPoincare(x: ArrayLike<number>, c: number): Float64Array {
  return scale(1 / (1 + Math.sqrt(c) * x[0]), Array.from(x).slice(1));
}

/** Inverse of toPoincare. */
export function fromPoincare(p: ArrayLike<number>, c: number): Float64Array {
  return lift(scale(2 / (1 - c * norm(p) ** 2), p), c);
}
