import { Matrix as DenseMatrix, pseudoInverse } from 'ml-matrix';
import { requireFinite, requireInteger, requirePositive } from '../core/checks.js';
import { type Matrix, type Matrix64, matrix, row } from '../core/matrix.js';
import { requireRows } from '../geometry/points.js';
import { meanOf } from './covariance.js';
import { requireDistancesTo } from './distanceChecks.js';

export interface PlacementOptions {
  /**
   * stress (default): Σ_j (δ_j - d_j)² is made small, from two starts, the triangulated place and the nearest known
   * point. strain: the triangulated place itself, a linear map of the squared distances.
   */
  readonly by?: 'stress' | 'strain';
  /** Steps for each point and start, >= 0. Default 200. */
  readonly maxIterations?: number;
  /** A step that lowers the squared stress by less than this share of it is the last. Default 1e-9. */
  readonly tolerance?: number;
}

export interface Placed {
  /** [q, dim] */
  readonly points: Matrix64;
  /** [q]: √(Σ_j (δ - d)² / Σ_j δ²) of each new point over the known ones; 0 where all its δ are. */
  readonly stress: Float64Array;
}

/**
 * Out-of-sample extension: new items placed among points that stay where they are, each by itself, from its distances
 * to them.
 * @param known [m, dim], m >= 1 @param distances [q, m], δ >= 0
 * @throws ShapeError unless shapes fit, DomainError naming a row that is not finite or holds a negative distance,
 *   UsageError for options out of range
 * @source Gower 1968, "Adding a point to vector diagrams", for the triangulation; Trosset and Priebe 2008, "The
 *   out-of-sample problem for classical MDS"; the descent of the stress is that of `smacof`, for one point
 */
export function placePoints(
  known: Matrix,
  distances: Matrix,
  { by = 'stress', maxIterations = 200, tolerance = 1e-9 }: PlacementOptions = {},
): Placed {
  requireRows(known, 'placePoints known');
  requireFinite(known.data, known.columns, 'placePoints known');
  requireDistancesTo(distances, known.rows, 'placePoints');
  requireInteger(maxIterations, 0, 'placePoints maxIterations');
  requirePositive(tolerance, 'placePoints tolerance');
  const triangulate = triangulation(known);
  const q = distances.rows;
  const dim = known.columns;
  const points = new Float64Array(q * dim);
  const stress = new Float64Array(q);
  for (let i = 0; i < q; i++) {
    const delta = Float64Array.from(row(distances, i));
    const total = delta.reduce((sum, d) => sum + d * d, 0);
    const guess = triangulate(delta);
    let best = { x: guess, raw: rawStress(known, delta, guess) };
    if (by === 'stress') {
      const nearest = delta.reduce((at, d, j) => (d < delta[at] ? j : at), 0);
      for (const start of [guess, Float64Array.from(row(known, nearest))]) {
        const end = descend(known, delta, start, maxIterations, tolerance);
        if (end.raw < best.raw) best = end;
      }
    }
    points.set(best.x, i * dim);
    stress[i] = total > 0 ? Math.sqrt(best.raw / total) : 0;
  }
  return { points: matrix(points, q, dim), stress };
}

/** x = mean + (YᵀY)⁺ Yᵀ (m - δ²) / 2 with centred points Y and m their mean squares: exact for points of the space. */
function triangulation(known: Matrix): (delta: ArrayLike<number>) => Float64Array {
  const { rows: m, columns: dim } = known;
  const mean = meanOf(known);
  const centred = new Float64Array(m * dim);
  const squares = new Float64Array(m);
  for (let j = 0; j < m; j++) {
    for (let k = 0; k < dim; k++) {
      const value = known.data[j * dim + k] - mean[k];
      centred[j * dim + k] = value;
      squares[j] += value * value;
    }
  }
  const gram = DenseMatrix.zeros(dim, dim);
  for (let k = 0; k < dim; k++) {
    for (let l = 0; l < dim; l++) {
      let sum = 0;
      for (let j = 0; j < m; j++) sum += centred[j * dim + k] * centred[j * dim + l];
      gram.set(k, l, sum);
    }
  }
  const inverse = pseudoInverse(gram);
  return (delta) => {
    const pulled = new Float64Array(dim);
    for (let j = 0; j < m; j++) {
      const excess = (squares[j] - delta[j] * delta[j]) / 2;
      for (let k = 0; k < dim; k++) pulled[k] += excess * centred[j * dim + k];
    }
    return mean.map((value, k) => {
      let sum = value;
      for (let l = 0; l < dim; l++) sum += inverse.get(k, l) * pulled[l];
      return sum;
    });
  };
}

function rawStress(known: Matrix, delta: ArrayLike<number>, x: Float64Array): number {
  const dim = known.columns;
  let raw = 0;
  for (let j = 0; j < known.rows; j++) {
    let square = 0;
    for (let k = 0; k < dim; k++) square += (x[k] - known.data[j * dim + k]) ** 2;
    raw += (Math.sqrt(square) - delta[j]) ** 2;
  }
  return raw;
}

/** x moves to the mean of where each known point wants it; a coincident one wants it where it is. */
function descend(
  known: Matrix,
  delta: ArrayLike<number>,
  start: Float64Array,
  maxIterations: number,
  tolerance: number,
): { x: Float64Array; raw: number } {
  const { rows: m, columns: dim, data } = known;
  let x = Float64Array.from(start);
  let raw = rawStress(known, delta, x);
  for (let step = 0; step < maxIterations && raw > 0; step++) {
    const next = new Float64Array(dim);
    for (let j = 0; j < m; j++) {
      let square = 0;
      for (let k = 0; k < dim; k++) square += (x[k] - data[j * dim + k]) ** 2;
      const factor = square > 0 ? delta[j] / Math.sqrt(square) : 1;
      for (let k = 0; k < dim; k++) {
        const y = data[j * dim + k];
        next[k] += (y + factor * (x[k] - y)) / m;
      }
    }
    const nextRaw = rawStress(known, delta, next);
    const gain = raw - nextRaw;
    if (!(gain > 0)) break;
    [x, raw] = [next, nextRaw];
    if (gain <= tolerance * raw) break;
  }
  return { x, raw };
}
