import { Matrix as DenseMatrix, EigenvalueDecomposition } from 'ml-matrix';
import { requireFinite, requireInteger } from '../core/checks.js';
import { type Matrix, type Matrix64, matrix, row } from '../core/matrix.js';
import { requireRows } from '../geometry/points.js';

export interface Pca {
  /** [components, columns]: orthonormal rows, the direction of largest variance first. */
  readonly projection: Matrix64;
  /** [columns] */
  readonly mean: Float64Array;
  /** [n, components]: (x - mean) · direction. */
  readonly coordinates: Matrix64;
  /** [components]: share of the total variance along each direction, 0..1, descending; all 0 if nothing varies. */
  readonly explained: Float64Array;
}

/**
 * Principal components from the eigenvectors of the covariance. The sign is fixed: of each direction the entry of
 * largest magnitude (the first, if several) is positive.
 * @param points [n, columns], n >= 1 @param components 1..columns
 * @throws ShapeError for 0 rows, UsageError for components out of range, DomainError for values that are not finite
 * @source Jolliffe 2002, "Principal component analysis", chapter 1
 */
export function pca(points: Matrix, components: number): Pca {
  const { columns } = points;
  requireRows(points, 'pca');
  requireInteger(components, 1, 'pca components', columns);
  requireFinite(points.data, columns, 'pca');
  const mean = meanOf(points);
  const covariance = covarianceOf(points, mean);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  const projection = new Float64Array(components * columns);
  for (let p = 0; p < components; p++) {
    projection.set(withFixedSign(eigenvectorMatrix.getColumn(order[p])), p * columns);
  }
  const total = covariance.trace();
  const explained = Float64Array.from({ length: components }, (_, p) =>
    // Rounding leaves eigenvalues of -1e-17 where nothing varies.
    total > 0 ? Math.max(0, realEigenvalues[order[p]]) / total : 0,
  );
  const directions = matrix(projection, components, columns);
  return { projection: directions, mean, coordinates: projectOnto(points, mean, directions), explained };
}

function meanOf(points: Matrix): Float64Array {
  const mean = new Float64Array(points.columns);
  for (let i = 0; i < points.rows; i++) {
    for (let k = 0; k < points.columns; k++) mean[k] += points.data[i * points.columns + k] / points.rows;
  }
  return mean;
}

function covarianceOf(points: Matrix, mean: Float64Array): DenseMatrix {
  const n = points.columns;
  const sums = new Float64Array(n * n);
  const centred = new Float64Array(n);
  for (let i = 0; i < points.rows; i++) {
    for (let k = 0; k < n; k++) centred[k] = points.data[i * n + k] - mean[k];
    for (let k = 0; k < n; k++) {
      const value = centred[k];
      if (value === 0) continue;
      for (let l = k; l < n; l++) sums[k * n + l] += value * centred[l];
    }
  }
  const covariance = DenseMatrix.zeros(n, n);
  for (let k = 0; k < n; k++) {
    for (let l = k; l < n; l++) {
      const value = sums[k * n + l] / points.rows;
      covariance.set(k, l, value);
      covariance.set(l, k, value);
    }
  }
  return covariance;
}

function projectOnto(points: Matrix, mean: Float64Array, directions: Matrix64): Matrix64 {
  const { rows, columns } = points;
  const data = new Float64Array(rows * directions.rows);
  for (let i = 0; i < rows; i++) {
    for (let p = 0; p < directions.rows; p++) {
      const direction = row(directions, p);
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += (points.data[i * columns + k] - mean[k]) * direction[k];
      data[i * directions.rows + p] = sum;
    }
  }
  return matrix(data, rows, directions.rows);
}

function withFixedSign(direction: readonly number[]): number[] {
  let largest = 0;
  for (let k = 1; k < direction.length; k++) {
    if (Math.abs(direction[k]) > Math.abs(direction[largest])) largest = k;
  }
  return direction[largest] < 0 ? direction.map((value) => -value) : [...direction];
}
