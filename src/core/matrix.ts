import { requireInteger } from './checks.js';
import { expectation, ShapeError } from './errors.js';

/** Rows of equal length in one flat array, row-major: element (i, j) is data[i * columns + j]. */
export interface Matrix<A extends Float32Array | Float64Array = Float32Array | Float64Array> {
  readonly data: A;
  readonly rows: number;
  readonly columns: number;
}
export type Matrix32 = Matrix<Float32Array>;
export type Matrix64 = Matrix<Float64Array>;

/** @throws ShapeError unless data.length = rows * columns */
export function matrix<A extends Float32Array | Float64Array>(
  data: A,
  rows: number,
  columns: number,
): Matrix<A> {
  if (data.length === rows * columns) return { data, rows, columns };
  throw new ShapeError(
    expectation('matrix', `${rows} x ${columns} = ${rows * columns} values`, data.length, 'check the shape'),
  );
}

/** Row i as a view, not a copy. */
export function row<A extends Float32Array | Float64Array>(m: Matrix<A>, i: number): A {
  return m.data.subarray(i * m.columns, (i + 1) * m.columns) as A;
}

/** The given rows, copied, in the given order. @throws UsageError for a row that m does not have */
export function takeRows<A extends Float32Array | Float64Array>(
  m: Matrix<A>,
  rows: ArrayLike<number>,
): Matrix<A> {
  const data = new (m.data.constructor as new (length: number) => A)(rows.length * m.columns);
  for (let i = 0; i < rows.length; i++) {
    requireInteger(rows[i], 0, 'takeRows', m.rows - 1);
    data.set(row(m, rows[i]), i * m.columns);
  }
  return { data, rows: rows.length, columns: m.columns };
}

/** Columns of the parts side by side, in order, as float32. @throws ShapeError unless all have the same rows */
export function concatColumns(parts: readonly Matrix[]): Matrix32 {
  const rows = parts[0]?.rows ?? 0;
  const columns = parts.reduce((sum, part) => sum + part.columns, 0);
  const data = new Float32Array(rows * columns);
  let offset = 0;
  for (const part of parts) {
    if (part.rows !== rows) {
      throw new ShapeError(
        expectation('concatColumns', `${rows} rows in every part`, part.rows, 'align the parts'),
      );
    }
    for (let i = 0; i < rows; i++) data.set(row(part, i), i * columns + offset);
    offset += part.columns;
  }
  return { data, rows, columns };
}

/** Columns [from, to) as a copy. @throws UsageError unless 0 <= from <= to <= columns */
export function sliceColumns<A extends Float32Array | Float64Array>(
  m: Matrix<A>,
  from: number,
  to: number,
): Matrix<A> {
  requireInteger(to, 0, 'sliceColumns to', m.columns);
  requireInteger(from, 0, 'sliceColumns from', to);
  const data = new (m.data.constructor as new (length: number) => A)(m.rows * (to - from));
  for (let i = 0; i < m.rows; i++) {
    data.set(m.data.subarray(i * m.columns + from, i * m.columns + to), i * (to - from));
  }
  return { data, rows: m.rows, columns: to - from };
}
