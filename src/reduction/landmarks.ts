import { requireInteger, requireLength } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import { type Matrix, type Matrix64, matrix, takeRows } from '../core/matrix.js';
import { Rng } from '../core/rng.js';
import { classicalMds } from './classicalMds.js';
import { requireDistancesTo } from './distanceChecks.js';
import { placePoints } from './placement.js';
import { smacof } from './smacof.js';

export interface Landmarks {
  /** [m]: which items they are, in the order of the choice. */
  readonly rows: Int32Array;
  /** [n, m]: distances of all items to them. */
  readonly distances: Matrix64;
}

/**
 * Landmarks far from each other: the first at random, each next one where the distance to all before is largest, the
 * smaller row on ties. m rows of distances are asked for, not n.
 * @param n items @param count m, 1..n
 * @param distancesFrom distances of one item to all n, >= 0
 * @throws UsageError for a count out of range, ShapeError or DomainError for rows that are no distances
 * @source de Silva and Tenenbaum 2004, "Sparse multidimensional scaling using landmark points", section 2.3 (MaxMin)
 */
export function chooseLandmarks(
  n: number,
  count: number,
  distancesFrom: (row: number) => ArrayLike<number>,
  seed: number,
): Landmarks {
  requireInteger(n, 1, 'chooseLandmarks n');
  requireInteger(count, 1, 'chooseLandmarks count', n);
  const rows = new Int32Array(count);
  const data = new Float64Array(n * count);
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  rows[0] = new Rng(seed).split('landmarks').below(n);
  for (let m = 0; m < count; m++) {
    const distances = distancesFrom(rows[m]);
    requireLength(distances.length, n, 'chooseLandmarks distancesFrom');
    for (let i = 0; i < n; i++) {
      data[i * count + m] = distances[i];
      nearest[i] = Math.min(nearest[i], distances[i]);
    }
    if (m + 1 < count) rows[m + 1] = nearest.reduce((at, d, i) => (d > nearest[at] ? i : at), 0);
  }
  const found = matrix(data, n, count);
  requireDistancesTo(found, count, 'chooseLandmarks');
  return { rows, distances: found };
}

/**
 * Multidimensional scaling of many items: the landmarks are scaled, all others placed among them, each by itself. Time
 * and memory grow with n m, not with n².
 * @param by strain (default): classical scaling and triangulation, linear throughout, exact for points of the space;
 *   stress: `smacof` of the landmarks and placements of least stress
 * @returns points [n, dim], n >= m >= dim + 1
 * @throws ShapeError for fewer landmarks than dim + 1, DomainError naming a row with values that are no distances
 * @source de Silva and Tenenbaum 2004, section 2
 */
export function landmarkMds(
  { rows, distances }: Landmarks,
  {
    dim,
    seed = 0,
    by = 'strain',
  }: {
    readonly dim: number;
    /** Default 0. */
    readonly seed?: number;
    readonly by?: 'strain' | 'stress';
  },
): { readonly points: Matrix64 } {
  requireInteger(dim, 1, 'landmarkMds dim');
  requireDistancesTo(distances, rows.length, 'landmarkMds');
  if (rows.length < dim + 1) {
    const remedy = 'choose more landmarks';
    throw new ShapeError(expectation('landmarkMds', `at least ${dim + 1} landmarks`, rows.length, remedy));
  }
  const between: Matrix = takeRows(distances, rows);
  const { points } = by === 'strain' ? classicalMds(between, { dim, seed }) : smacof(between, { dim, seed });
  return { points: placePoints(points, distances, { by }).points };
}
