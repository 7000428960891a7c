import { CholeskyDecomposition, Matrix as DenseMatrix } from 'ml-matrix';
import { requireFinite, requireLength, requirePositive } from '../core/checks.js';
import { DomainError, expectation, ShapeError } from '../core/errors.js';
import type { Matrix } from '../core/matrix.js';
import { dot } from './vector.js';

/**
 * How a normal distribution spreads in an orthonormal frame: one standard deviation, u; one an axis; or its covariance
 * matrix, u², symmetric and positive definite.
 */
export type Spread = number | ArrayLike<number> | Matrix;

/** A spread as the lower triangular L of the covariance L Lᵀ. */
export interface Factor {
  /** L z. */
  apply(z: ArrayLike<number>): Float64Array;
  /** log of the normal density with mean 0 at v. */
  logDensity(v: ArrayLike<number>): number;
}

/** @throws DomainError for a deviation that is not > 0 or a matrix that is no covariance; ShapeError unless it fits `dimension` */
export function factorOf(spread: Spread, dimension: number, who: string): Factor {
  if (typeof spread === 'object' && 'rows' in spread) return fromCovariance(spread, dimension, who);
  if (typeof spread !== 'number') requireLength(spread.length, dimension, who);
  const sigma =
    typeof spread === 'number' ? new Float64Array(dimension).fill(spread) : Float64Array.from(spread);
  for (const value of sigma) requirePositive(value, who);
  const logVolume = sigma.reduce((sum, value) => sum + Math.log(value), 0);
  return {
    apply: (z) => sigma.map((value, i) => value * z[i]),
    logDensity: (v) => {
      const z = sigma.map((value, i) => v[i] / value);
      return standardLogDensity(z) - logVolume;
    },
  };
}

function fromCovariance(covariance: Matrix, dimension: number, who: string): Factor {
  const { rows, columns, data } = covariance;
  if (rows !== dimension || columns !== dimension) {
    const remedy = 'pass one row and column a dimension of the space';
    throw new ShapeError(expectation(who, `a [${dimension}, ${dimension}] matrix`, [rows, columns], remedy));
  }
  requireFinite(data, columns, who);
  const dense = new DenseMatrix(
    Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * rows, (i + 1) * rows))),
  );
  const cholesky = dense.isSymmetric() ? new CholeskyDecomposition(dense) : undefined;
  if (!cholesky?.isPositiveDefinite()) {
    const remedy = 'pass a covariance matrix, or standard deviations as plain numbers';
    throw new DomainError(
      expectation(who, 'a symmetric positive definite matrix', dense.to2DArray(), remedy),
    );
  }
  const L = cholesky.lowerTriangularMatrix.to2DArray().map((row) => Float64Array.from(row));
  const logVolume = L.reduce((sum, row, i) => sum + Math.log(row[i]), 0);
  return {
    apply: (z) => Float64Array.from(L, (row) => dot(row, z)),
    logDensity: (v) => {
      const z = new Float64Array(dimension);
      // z is filled from the front, and its end is still 0.
      L.forEach((row, i) => {
        z[i] = (v[i] - dot(row, z)) / row[i];
      });
      return standardLogDensity(z) - logVolume;
    },
  };
}

function standardLogDensity(z: Float64Array): number {
  return -(dot(z, z) + z.length * Math.log(2 * Math.PI)) / 2;
}
