import { requireFinite } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import { type Matrix, type Matrix64, matrix, row } from '../core/matrix.js';

/** code = P (x - mean): what pca, randomProjection and linearAutoencoder give. */
export interface LinearMap {
  /** [components, columns] */
  readonly projection: Matrix64;
  /** [columns] */
  readonly mean: Float64Array;
}

/**
 * Codes of points that need not have been there when the map was made.
 * @param points [n, columns] @returns [n, components]
 * @throws ShapeError for other columns, DomainError naming a row that is not finite
 */
export function applyLinear({ projection, mean }: LinearMap, points: Matrix): Matrix64 {
  const { rows, columns, data } = points;
  requireColumns(columns, projection.columns, 'applyLinear points');
  requireFinite(data, columns, 'applyLinear points');
  const codes = new Float64Array(rows * projection.rows);
  const centred = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++) centred[k] = data[i * columns + k] - mean[k];
    for (let p = 0; p < projection.rows; p++) {
      const direction = row(projection, p);
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += centred[k] * direction[k];
      codes[i * projection.rows + p] = sum;
    }
  }
  return matrix(codes, rows, projection.rows);
}

/**
 * mean + Σ code_p decoder_p for each row: with the transposed projection, the nearest point of the map's subspace.
 * @param codes [n, components] @param decoder [components, columns] @param mean [columns] @returns [n, columns]
 * @throws ShapeError for other columns, DomainError naming a row that is not finite
 */
export function reconstructLinear(codes: Matrix, decoder: Matrix64, mean: Float64Array): Matrix64 {
  const { rows, columns: components, data } = codes;
  requireColumns(components, decoder.rows, 'reconstructLinear codes');
  requireFinite(data, components, 'reconstructLinear codes');
  const columns = decoder.columns;
  const points = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const at = i * columns;
    points.set(mean, at);
    for (let p = 0; p < components; p++) {
      const value = data[i * components + p];
      const direction = row(decoder, p);
      for (let k = 0; k < columns; k++) points[at + k] += value * direction[k];
    }
  }
  return matrix(points, rows, columns);
}

function requireColumns(got: number, expected: number, who: string): void {
  if (got === expected) return;
  const remedy = 'pass rows as the map was made for';
  throw new ShapeError(expectation(who, `${expected} columns`, got, remedy));
}
