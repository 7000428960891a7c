import { DomainError, expectation, UsageError } from '../../core/errors.js';
import type { Matrix32 } from '../../core/matrix.js';

/** How columns are brought to mean 0 and deviation 1; both arrays have one float32 a column. */
export interface Standardization {
  readonly mean: Float32Array;
  /** 0 for a column that was constant: whatever it holds, 0 goes on. */
  readonly deviation: Float32Array;
}

/** Values further from the mean would reach the end of float32 in the heads. */
const FARTHEST = 1e12;
/** Below this share of its mean a deviation is rounding of float32. */
const ROUNDING = 2 ** -23;

/**
 * Mean and standard deviation of each column over the given rows, accumulated in float64.
 * @throws UsageError when every column is constant
 */
export function standardizationOf(vectors: Matrix32, rows: ArrayLike<number>): Standardization {
  const { data, columns } = vectors;
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i] * columns;
    for (let j = 0; j < columns; j++) mean[j] += data[start + j];
  }
  for (let j = 0; j < columns; j++) mean[j] /= rows.length;
  const squares = new Float64Array(columns);
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i] * columns;
    for (let j = 0; j < columns; j++) squares[j] += (data[start + j] - mean[j]) ** 2;
  }
  const deviation = Float32Array.from(squares, (sum, j) => {
    const own = Math.sqrt(sum / rows.length);
    return own > ROUNDING * Math.abs(mean[j]) ? own : 0;
  });
  if (deviation.some((d) => d > 0)) return { mean: Float32Array.from(mean), deviation };
  throw new UsageError(
    expectation('vectors', 'vectors that differ', 'all equal among those that train', 'check the file'),
  );
}

export function constantColumns({ deviation }: Standardization): number {
  return deviation.reduce((count, d) => count + (d === 0 ? 1 : 0), 0);
}

/**
 * (x - mean) / deviation of the given rows, in their order, as [rows, columns].
 * @param first number of row 0 of `data` in the eyes of the user
 * @throws DomainError naming a row with a value that is not finite or further than 1e12 deviations from the mean
 */
export function standardizedRows(
  data: Float32Array,
  rows: ArrayLike<number>,
  { mean, deviation }: Standardization,
  first = 0,
): Float32Array {
  const columns = mean.length;
  const factors = Float64Array.from(deviation, (d) => (d === 0 ? 0 : 1 / d));
  const out = new Float32Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i] * columns;
    const to = i * columns;
    for (let j = 0; j < columns; j++) {
      const z = (data[from + j] - mean[j]) * factors[j];
      if (!(Math.abs(z) <= FARTHEST)) refuse(first + rows[i], data[from + j]);
      out[to + j] = z;
    }
  }
  return out;
}

function refuse(row: number, value: number): never {
  const expected = Number.isFinite(value)
    ? `values within ${FARTHEST} standard deviations of those that trained`
    : 'finite numbers';
  throw new DomainError(expectation(`vectors row ${row}`, expected, value, 'remove or repair that row'));
}
