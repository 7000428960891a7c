import { requireLength } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import { type Matrix, row } from '../core/matrix.js';
import type { Space } from '../core/space.js';
import { type Manifold, manifoldOf } from './manifold.js';
import { requirePoints, requireRows } from './points.js';
import { combine, scale } from './vector.js';

/** The weighted mean of the logarithms is at most this long where the iteration stops, relative to 1/√max|K|, or 1 u if flat. */
export const KARCHER_TOLERANCE = 1e-10;
const MAX_STEPS = 5000;

/**
 * The Fréchet mean in any Riemannian space: the point with the least Σ w d², products factor by factor as their metric
 * is; see descendToMean. It starts from the heaviest row. For K <= 0 the mean is unique; with positive curvature it is
 * so for rows within π / (4√K) of a point, and for others this is a stationary point.
 * @param points [n, columnsOf(space)], n >= 1 @param weights n values >= 0, not all 0
 * @throws ShapeError for 0 rows or other numbers of weights; DomainError for rows that are no points, weights below
 *   0, an iterate antipodal to a row, or 5,000 steps without convergence; UsageError for a space without metric
 * @source Karcher 1977, "Riemannian center of mass"
 */
export function karcherMean(space: Space, points: Matrix, weights: ArrayLike<number>): Float64Array {
  const manifold = manifoldOf(space);
  requireRows(points, 'karcherMean points');
  requirePoints(space, points, 'karcherMean points');
  const shares = sharesOf(weights, points.rows, 'karcherMean weights');
  const heaviest = shares.indexOf(Math.max(...shares));
  return descendToMean(manifold, points, shares, row(points, heaviest), 'karcherMean');
}

/**
 * Fréchet variance, Σ w d² / Σ w around the Fréchet mean: the least there is. In flat space of one dimension it is the
 * variance of the values (divided by n, not n - 1).
 * @returns the variance, u², and the mean it is taken around @throws as karcherMean
 * @source Fréchet 1948, "Les éléments aléatoires de nature quelconque dans un espace distancié"
 */
export function frechetVariance(
  space: Space,
  points: Matrix,
  weights: ArrayLike<number>,
): { readonly mean: Float64Array; readonly variance: number } {
  const mean = karcherMean(space, points, weights);
  const { dist } = manifoldOf(space);
  const shares = sharesOf(weights, points.rows, 'frechetVariance weights');
  const variance = shares.reduce((sum, share, i) => sum + share * dist(mean, row(points, i)) ** 2, 0);
  return { mean, variance };
}

/**
 * Gradient descent on half of Σ share d². The step is 1 over the mean of √-K d coth(√-K d) (1 where K >= 0), which
 * bounds the curvature of half the squared distance.
 * @param shares n values >= 0 of sum 1 @param start a point @throws DomainError as karcherMean
 * @source the bound: Afsari, Tron, Vidal 2013, arXiv:1201.0925
 */
export function descendToMean(
  manifold: Manifold,
  points: Matrix,
  shares: Float64Array,
  start: ArrayLike<number>,
  who: string,
): Float64Array {
  const root = Math.sqrt(Math.max(0, -manifold.curvature.min));
  const size = Math.max(-manifold.curvature.min, manifold.curvature.max);
  const tolerance = KARCHER_TOLERANCE / (size > 0 ? Math.sqrt(size) : 1);
  let mean = Float64Array.from(start);
  for (let step = 0; step < MAX_STEPS; step++) {
    const { pull, bound } = pullAt(manifold, mean, points, shares, root);
    if (manifold.norm(mean, pull) <= tolerance) return mean;
    mean = Float64Array.from(manifold.exp(mean, scale(1 / bound, pull)));
  }
  const remedy = 'the points may lie too near the rim for float64, or too far apart on a sphere';
  throw new DomainError(expectation(who, `convergence in ${MAX_STEPS} steps`, 'none', remedy));
}

function pullAt(manifold: Manifold, mean: Float64Array, points: Matrix, shares: Float64Array, root: number) {
  let pull: Float64Array = new Float64Array(manifold.columns);
  let bound = 0;
  for (let i = 0; i < points.rows; i++) {
    if (shares[i] === 0) continue;
    const toward = manifold.log(mean, row(points, i));
    const t = root * manifold.norm(mean, toward);
    bound += shares[i] * (t > 0 ? t / Math.tanh(t) : 1);
    pull = combine(1, pull, shares[i], toward);
  }
  return { pull, bound };
}

function sharesOf(weights: ArrayLike<number>, n: number, who: string): Float64Array {
  requireLength(weights.length, n, who);
  const all = Float64Array.from(weights);
  const total = all.reduce((sum, w) => sum + w, 0);
  if (all.every((w) => w >= 0) && total > 0 && total < Number.POSITIVE_INFINITY) return scale(1 / total, all);
  const remedy = 'pass finite weights >= 0, one of them > 0';
  throw new DomainError(expectation(who, 'values >= 0 with a finite sum > 0', weights, remedy));
}
