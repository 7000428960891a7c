import { requireFinite, requireInteger } from '../core/checks.js';
import { type Matrix, type Matrix64, matrix, row } from '../core/matrix.js';
import { requireRows } from '../geometry/points.js';
import { covarianceOf, meanOf } from './covariance.js';
import { largestEigenpairs } from './eigenpairs.js';
import { applyLinear } from './linearMap.js';

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
  const covariance = matrix(covarianceOf(points, mean), columns, columns);
  const { values, vectors } = largestEigenpairs(covariance, components, { tolerance: 1e-12 });
  const projection = new Float64Array(components * columns);
  let total = 0;
  for (let k = 0; k < columns; k++) total += covariance.data[k * columns + k];
  for (let p = 0; p < components; p++) projection.set(withFixedSign(row(vectors, p)), p * columns);
  const directions = matrix(projection, components, columns);
  return {
    projection: directions,
    mean,
    coordinates: applyLinear({ projection: directions, mean }, points),
    // Rounding leaves eigenvalues of -1e-17 where nothing varies.
    explained: values.map((value) => (total > 0 ? Math.max(0, value) / total : 0)),
  };
}

function withFixedSign(direction: Float64Array): Float64Array {
  let largest = 0;
  for (let k = 1; k < direction.length; k++) {
    if (Math.abs(direction[k]) > Math.abs(direction[largest])) largest = k;
  }
  return direction[largest] < 0 ? direction.map((value) => -value) : direction;
}
