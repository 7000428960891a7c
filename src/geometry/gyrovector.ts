import { requireLength } from '../core/checks.js';
import type { Matrix } from '../core/matrix.js';
import { row } from '../core/matrix.js';
import { conformalFactor, difference, exp0, log0, mobiusAdd } from './poincare.js';
import { gyration as stereographicGyration } from './stereographicGyrovector.js';
import { combine, dot, norm, pointwise, scale } from './vector.js';

// Gyrovector operations of the Poincaré ball of curvature -c. Points and tangent vectors as in poincare.ts.

/** r ⊗ x: r times as far from the origin along the same ray. */
export function mobiusScalarMul(r: number, x: ArrayLike<number>, c: number): Float64Array {
  return exp0(scale(r, log0(x, c)), c);
}

/** M ⊗ x = exp0(M log0(x)). @param M [m, x.length] @returns m values */
export function mobiusMatvec(M: Matrix, x: ArrayLike<number>, c: number): Float64Array {
  const v = log0(x, c);
  return exp0(
    Float64Array.from({ length: M.rows }, (_, i) => dot(row(M, i), v)),
    c,
  );
}

/** diag(w) ⊗ x = exp0(w log0(x)), value by value. @param w x.length values @throws ShapeError for another number */
export function mobiusPointwiseMul(w: ArrayLike<number>, x: ArrayLike<number>, c: number): Float64Array {
  return exp0(pointwise(w, log0(x, c)), c);
}

/** gyr[x, y] u, the rotation that makes ⊕ associative. @source Ungar 2008, "A gyrovector space approach to hyperbolic geometry" */
export function gyration(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  u: ArrayLike<number>,
  c: number,
): Float64Array {
  return stereographicGyration(x, y, u, -c);
}

/** Parallel transport of u from the tangent space at x to that at y along the geodesic. */
export function transport(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  u: ArrayLike<number>,
  c: number,
): Float64Array {
  const turned = gyration(y, scale(-1, x), u, c);
  return scale(conformalFactor(x, c) / conformalFactor(y, c), turned);
}

/** Parallel transport of u from the origin to y. */
export function transport0(y: ArrayLike<number>, u: ArrayLike<number>, c: number): Float64Array {
  return scale(2 / conformalFactor(y, c), u);
}

/** The point at share t of the way from x (t = 0) to y (t = 1); beyond both for other t. */
export function geodesic(t: number, x: ArrayLike<number>, y: ArrayLike<number>, c: number): Float64Array {
  return mobiusAdd(x, mobiusScalarMul(t, difference(x, y, c), c), c);
}

/**
 * Weighted gyromidpoint of the rows, ½ ⊗ Σ w λ x / Σ w (λ - 1); equals the Einstein midpoint.
 * @param points [n, dim] @param weights n values >= 0, not all 0
 * @source Ungar 2008, "A gyrovector space approach to hyperbolic geometry"
 */
export function midpoint(points: Matrix, weights: ArrayLike<number>, c: number): Float64Array {
  requireLength(weights.length, points.rows, 'midpoint weights');
  let sum: Float64Array = new Float64Array(points.columns);
  let total = 0;
  for (let i = 0; i < points.rows; i++) {
    const x = row(points, i);
    const lambda = conformalFactor(x, c);
    sum = combine(1, sum, weights[i] * lambda, x);
    total += weights[i] * (lambda - 1);
  }
  return mobiusScalarMul(0.5, scale(1 / total, sum), c);
}

/**
 * Signed distance from x to the hyperplane through p with normal a, (1/√c) asinh(2√c z·a / ((1 - c|z|²)|a|)),
 * z = (-p) ⊕ x; positive on the side that a points to.
 * @source Ganea, Bécigneul, Hofmann 2018, arXiv:1805.09112, theorem 5
 */
export function distanceToHyperplane(
  x: ArrayLike<number>,
  p: ArrayLike<number>,
  a: ArrayLike<number>,
  c: number,
): number {
  const z = difference(p, x, c);
  const root = Math.sqrt(c);
  return Math.asinh((root * dot(z, a) * conformalFactor(z, c)) / norm(a)) / root;
}
