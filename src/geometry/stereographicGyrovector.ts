import { requireLength } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import { type Matrix, row } from '../core/matrix.js';
import { conformalFactor, exp0, log0, mobiusAdd } from './stereographic.js';
import { asinK } from './trigonometry.js';
import { combine, dot, norm, pointwise, scale } from './vector.js';

// Gyrovector operations of the κ-stereographic model, any real K. Points and errors as in stereographic.ts.
// Source: Bachmann, Bécigneul, Ganea 2020, arXiv:1911.05076; Ungar 2008 for the gyration and the coaddition.

/** x ⊖ y = x ⊕ (-y). */
export function mobiusSub(x: ArrayLike<number>, y: ArrayLike<number>, K: number): Float64Array {
  return mobiusAdd(x, scale(-1, y), K);
}

/** x ⊞ y = x ⊕ gyr[x, -y] y, the commutative sum; on a line through the origin it is ⊕. */
export function coadd(x: ArrayLike<number>, y: ArrayLike<number>, K: number): Float64Array {
  return mobiusAdd(x, gyration(x, scale(-1, y), y, K), K);
}

/** x ⊟ y = x ⊞ (-y); (x ⊟ y) ⊕ y = x. */
export function cosub(x: ArrayLike<number>, y: ArrayLike<number>, K: number): Float64Array {
  return coadd(x, scale(-1, y), K);
}

/** r ⊗ x: r times as far from the origin along the same ray. @throws DomainError past the pole of projection (K > 0) */
export function mobiusScalarMul(r: number, x: ArrayLike<number>, K: number): Float64Array {
  return exp0(scale(r, log0(x, K)), K);
}

/** f applied in the tangent space at the origin, exp0(f(log0(x))). @param f from as many values as x to any number */
export function mobiusApply(
  f: (v: Float64Array) => ArrayLike<number>,
  x: ArrayLike<number>,
  K: number,
): Float64Array {
  return exp0(f(log0(x, K)), K);
}

/** M ⊗ x = exp0(M log0(x)). @param M [m, x.length] @returns m values */
export function mobiusMatvec(M: Matrix, x: ArrayLike<number>, K: number): Float64Array {
  return mobiusApply((v) => Float64Array.from({ length: M.rows }, (_, i) => dot(row(M, i), v)), x, K);
}

/** diag(w) ⊗ x = exp0(w log0(x)), value by value. @param w x.length values @throws ShapeError for another number */
export function mobiusPointwiseMul(w: ArrayLike<number>, x: ArrayLike<number>, K: number): Float64Array {
  return mobiusApply((v) => pointwise(w, v), x, K);
}

/** gyr[x, y] u, the rotation that makes ⊕ associative: x ⊕ (y ⊕ z) = (x ⊕ y) ⊕ gyr[x, y] z. */
export function gyration(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  u: ArrayLike<number>,
  K: number,
): Float64Array {
  const [xx, yy, xy, xu, yu] = [dot(x, x), dot(y, y), dot(x, y), dot(x, u), dot(y, u)];
  const a = -K * K * xu * yy - K * yu + 2 * K * K * xy * yu;
  const b = -K * K * yu * xx + K * xu;
  const denominator = 1 - 2 * K * xy + K * K * xx * yy;
  return combine(1, u, 2 / denominator, combine(a, x, b, y));
}

/** The point opposite to x on the sphere, -x / (K|x|²). @throws DomainError unless K > 0 and x is not the origin */
export function antipode(x: ArrayLike<number>, K: number): Float64Array {
  const squared = K * dot(x, x);
  if (squared > 0) return scale(-1 / squared, x);
  const remedy = 'only a sphere has antipodes, and that of the origin is the pole of projection';
  throw new DomainError(expectation('antipode x', 'K|x|² > 0', squared, remedy));
}

/**
 * Weighted gyromidpoint of the rows, ½ ⊗ Σ w λ x / Σ w (λ - 1): the mean of the points on the hyperboloid or sphere,
 * scaled back onto it. Written as V / (R + T), V = Σ w λ x, T = Σ w (λ - 1), R = √(T² + K|V|²), it has no pole in between.
 * Two rows of equal weight have it half way, where their Fréchet mean is. Others differ from karcherMean: this one is
 * least in Σ w sin_K²(d/2), not Σ w d², so that far rows pull harder for K < 0 and less for K > 0, the more the larger
 * √|K| d is: of (0, 0), (½, 0), (0, ½) at K = -1 the two are 0.011 apart, of these scaled by 1/10 9e-6.
 * @param points [n, dim] @param weights n values >= 0, not all 0
 * @throws DomainError where the mean has no direction (antipodes that cancel) or is the pole of projection (K > 0)
 */
export function midpoint(points: Matrix, weights: ArrayLike<number>, K: number): Float64Array {
  requireLength(weights.length, points.rows, 'midpoint weights');
  let V: Float64Array = new Float64Array(points.columns);
  let T = 0;
  let total = 0;
  for (let i = 0; i < points.rows; i++) {
    const x = row(points, i);
    const lambda = conformalFactor(x, K);
    V = combine(1, V, weights[i] * lambda, x);
    T += weights[i] * (lambda - 1);
    total += weights[i];
  }
  const squared = T * T + K * dot(V, V);
  // The sum of points of a hyperboloid is at least as long as the sum of their lengths; rounding may say otherwise.
  const R = Math.sqrt(K < 0 ? Math.max(total * total, squared) : squared);
  if (total > 0 && R > 0 && R + T > 0) return scale(1 / (R + T), V);
  const remedy = 'pass weights > 0 and points whose mean on the sphere is neither zero nor the pole';
  throw new DomainError(expectation('midpoint', 'a mean with a direction', R + T, remedy));
}

/**
 * Signed distance from x to the totally geodesic hypersurface through p with normal a, asin_K(λ_z z·a / |a|),
 * z = (-p) ⊕ x; positive on the side that a points to.
 * @throws DomainError for a zero normal
 * @source Ganea, Bécigneul, Hofmann 2018, arXiv:1805.09112, theorem 5, for K < 0
 */
export function distanceToHyperplane(
  x: ArrayLike<number>,
  p: ArrayLike<number>,
  a: ArrayLike<number>,
  K: number,
): number {
  const z = mobiusAdd(scale(-1, p), x, K);
  const length = norm(a);
  if (!(length > 0)) {
    const remedy = 'a hyperplane needs a direction';
    throw new DomainError(expectation('distanceToHyperplane a', 'a normal other than zero', length, remedy));
  }
  const sine = (conformalFactor(z, K) * dot(z, a)) / length;
  // On the sphere |sin_K| <= 1/√K; a quotient past it by a rounding is the quarter circle.
  const limit = K > 0 ? 1 / Math.sqrt(K) : Number.POSITIVE_INFINITY;
  return asinK(Math.max(-limit, Math.min(limit, sine)), K);
}
