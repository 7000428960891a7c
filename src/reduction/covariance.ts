import type { Matrix } from '../core/matrix.js';

/** Mean row, [columns]. */
export function meanOf(points: Matrix): Float64Array {
  const mean = new Float64Array(points.columns);
  for (let i = 0; i < points.rows; i++) {
    for (let k = 0; k < points.columns; k++) mean[k] += points.data[i * points.columns + k] / points.rows;
  }
  return mean;
}

/** Mean of (x - mean)(x - mean)ᵀ, [columns, columns], row-major. */
export function covarianceOf(points: Matrix, mean: Float64Array): Float64Array {
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
  for (let k = 0; k < n; k++) {
    for (let l = k; l < n; l++) {
      const value = sums[k * n + l] / points.rows;
      sums[k * n + l] = value;
      sums[l * n + k] = value;
    }
  }
  return sums;
}
