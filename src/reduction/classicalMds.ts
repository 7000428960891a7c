import { requireInteger } from '../core/checks.js';
import { type Matrix, type Matrix64, matrix, row } from '../core/matrix.js';
import { requireDistances } from './distanceChecks.js';
import { largestEigenpairs } from './eigenpairs.js';

export interface ClassicalMds {
  /** [n, dim], centred; columns are orthogonal, the longest first. Those beyond the positive eigenvalues are 0. */
  readonly points: Matrix64;
  /** [dim]: the largest eigenvalues of the doubly centred B = -J δ² J / 2, descending; < 0 where nothing is left. */
  readonly eigenvalues: Float64Array;
  /** |B - X Xᵀ| / |B| in the Frobenius norm: 0 when the distances are those of such points. */
  readonly strain: number;
}

/**
 * Points whose scalar products come nearest to those that the distances imply. Distances of points in Euclidean space
 * give their principal components: of points themselves, `pca` finds the same by less work. The sign is fixed as in
 * `pca`: in each column the entry of largest magnitude is positive.
 * @param distances [n, n], symmetric, >= 0; n to some thousands, n² float64 are held @param dim 1..n
 * @param seed of the search for eigenvalues beyond 200 points; the result depends on it by rounding only
 * @throws ShapeError unless square, DomainError naming a row with values that are no distances, UsageError for dim
 * @source Torgerson 1952; Borg and Groenen 2005, "Modern multidimensional scaling", section 12.1
 */
export function classicalMds(
  distances: Matrix,
  { dim, seed = 0 }: { readonly dim: number; readonly seed?: number },
): ClassicalMds {
  requireDistances(distances, 'classicalMds');
  const n = distances.rows;
  requireInteger(dim, 1, 'classicalMds dim', n);
  const products = doublyCentred(distances);
  const { values, vectors } = largestEigenpairs(products, dim, { seed });
  const data = new Float64Array(n * dim);
  let kept = 0;
  for (let p = 0; p < dim; p++) {
    const v = row(vectors, p);
    const largest = v.reduce((at, value, i) => (Math.abs(value) > Math.abs(v[at]) ? i : at), 0);
    const length = Math.sign(v[largest]) * Math.sqrt(Math.max(0, values[p]));
    for (let i = 0; i < n; i++) data[i * dim + p] = length * v[i];
    kept += Math.max(0, values[p]) ** 2;
  }
  const total = products.data.reduce((sum, value) => sum + value * value, 0);
  return {
    points: matrix(data, n, dim),
    eigenvalues: values,
    strain: total > 0 ? Math.sqrt(Math.max(0, total - kept) / total) : 0,
  };
}

/** -J δ² J / 2 with J = 1 - 11ᵀ/n. */
function doublyCentred(distances: Matrix): Matrix64 {
  const n = distances.rows;
  const data = new Float64Array(n * n);
  const means = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const square = distances.data[i * n + j] ** 2;
      data[i * n + j] = square;
      means[i] += square / n;
      means[j] += square / n;
    }
  }
  const mean = means.reduce((sum, value) => sum + value, 0) / n;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = -(data[i * n + j] - means[i] - means[j] + mean) / 2;
      data[i * n + j] = value;
      data[j * n + i] = value;
    }
  }
  return matrix(data, n, n);
}
