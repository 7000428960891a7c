import { requirePositive } from '../core/checks.js';
import { matrix } from '../core/matrix.js';
import { TINY_SQUARE } from './block.js';
import { distance } from './distance.js';
import { halfSineSquared, loadHyperboloid, type Polar, relate, timeOf } from './hyperboloid.js';
import { requirePoints } from './points.js';
import { combine, dot, norm, scale } from './vector.js';

// The upper sheet <x, x> = -1/c of curvature -c, time first. The space part is what counts: a time off by rounding is
// tolerated (see OFF_SURFACE) and the one that belongs to the space part is taken. Rounding costs e^r everywhere, r the
// distance from the origin in 1/√c. Source: Nickel and Kiela 2018, arXiv:1806.03417.

/** <x, y> = -x0 y0 + x1 y1 + ... */
export function inner(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return dot(x, y) - 2 * x[0] * y[0];
}

/** Geodesic distance, (2/√c) asinh(√(c <x - y, x - y>) / 2). @throws DomainError off the hyperboloid */
export function dist(x: ArrayLike<number>, y: ArrayLike<number>, c: number): number {
  requirePositive(c, 'lorentz c (= -curvature)');
  return distance({ kind: 'lorentz', dim: x.length - 1, curvature: -c }, x, y);
}

/** Distance to the origin, asinh(√c |rest|) / √c. @throws DomainError off the hyperboloid */
export function dist0(x: ArrayLike<number>, c: number): number {
  return dist(x, lift(new Float64Array(x.length - 1), c), c);
}

/** The point of the sheet above the space coordinates v: (√(1/c + |v|²), v). */
export function lift(v: ArrayLike<number>, c: number): Float64Array {
  requirePositive(c, 'lorentz c (= -curvature)');
  return Float64Array.of(Math.sqrt(1 / c + dot(v, v)), ...Array.from(v));
}

/**
 * Length of the tangent vector u at x, √<u, u>. Its time is a function of the rest, u0 x0 = rest_x · rest_u, so the
 * length is summed from the rest alone: across the direction of x, and along it divided by √c x0. Nothing cancels.
 */
export function tangentNorm(x: ArrayLike<number>, u: ArrayLike<number>, c: number): number {
  requirePositive(c, 'lorentz c (= -curvature)');
  const at = Float64Array.from(x).subarray(1);
  const rest = Float64Array.from(u).subarray(1);
  // A shorter square has lost digits, and so near the origin the time of u does not count.
  if (dot(at, at) <= TINY_SQUARE) return norm(rest);
  const radius = norm(at);
  const along = dot(at, rest) / radius;
  const across = norm(combine(1, rest, -along / radius, at));
  return Math.hypot(across, along / Math.sqrt(1 + c * radius * radius));
}

/** cosh(√c |u|) x + sinh(√c |u|) u / (√c |u|), u a tangent vector at x: <x, u> = 0. Its time is that of its space part. */
export function exp(x: ArrayLike<number>, u: ArrayLike<number>, c: number): Float64Array {
  const t = Math.sqrt(c) * tangentNorm(x, u, c);
  return project(combine(Math.cosh(t), x, t > 0 ? Math.sinh(t) / t : 1, u), c);
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
  requirePositive(c, 'lorentz c (= -curvature)');
  const pair = matrix(Float64Array.of(...Array.from(x), ...Array.from(y)), 2, x.length);
  requirePoints({ kind: 'lorentz', dim: x.length - 1, curvature: -c }, pair, 'lorentz transport x, y');
  const polar: Polar = { rise: 0, crossed: 0 };
  const points = loadHyperboloid(pair, 0, 2, 0, x.length - 1);
  relate(points, 0, points, 1, c, polar);
  const [from, to, rest] = [x, y, v].map((values) => Float64Array.from(values).subarray(1));
  // 1 - c <x, y> = 2 cosh²(√c d / 2).
  const share = (c * ahead(from, to, rest, polar, c)) / (2 + 2 * halfSineSquared(polar, c));
  return combine(1, v, share, combine(1, x, 1, y));
}

/**
 * <y, v> from the space parts, v tangent at x, along and across the direction e of x: the time of v is |x| v·e / x0, and
 * the factor of v·e / x0 is x0 y·e - |x| y0 = -(rise / c + x0 (|y| - y·e)). In the open sum e^(2r) would cancel.
 */
function ahead(x: Float64Array, y: Float64Array, v: Float64Array, polar: Polar, c: number): number {
  if (dot(x, x) <= TINY_SQUARE) return dot(y, v);
  const radius = norm(x);
  const direction = scale(1 / radius, x);
  const acrossOf = (u: Float64Array) => combine(1, u, -dot(u, direction), direction);
  const time = timeOf(radius, c);
  const factor = polar.rise / c + (time * polar.crossed) / (2 * radius);
  return dot(acrossOf(combine(1, y, -1, x)), acrossOf(v)) - (dot(v, direction) / time) * factor;
}

/** The point of the sheet above the space coordinates of x, whatever its time was. */
export function project(x: ArrayLike<number>, c: number): Float64Array {
  return lift(Float64Array.from(x).subarray(1), c);
}

/** The part of v, n + 1 values, that is tangent at x: v + c <x, v> x. */
export function projectTangent(x: ArrayLike<number>, v: ArrayLike<number>, c: number): Float64Array {
  requirePositive(c, 'lorentz c (= -curvature)');
  return combine(1, v, c * inner(x, v), x);
}

/** Euclidean gradient at x to Riemannian gradient: the sign of its time turned, then its tangent part. */
export function egrad2rgrad(x: ArrayLike<number>, g: ArrayLike<number>, c: number): Float64Array {
  const raised = Float64Array.from(g);
  raised[0] = -raised[0];
  return projectTangent(x, raised, c);
}
