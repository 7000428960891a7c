import type { Matrix } from '../core/matrix.js';

/** Rows in the form that a space's formula wants, float64, and what a row contributes to it on its own. */
export interface Block {
  readonly rows: number;
  /** [rows, columns]: the points, or their directions where only the angle counts. */
  readonly points: Float64Array;
  /** One value a row; what it means is the kernel's business. */
  readonly scalars: Float64Array;
  /** One block a factor of a product space; empty otherwise. */
  readonly parts: readonly Block[];
}

/** Squared norms at or below this are made of subnormal doubles and have lost digits. float32 data stays above. */
export const TINY_SQUARE = 1e-290;

/** A space made ready for many distances. */
export interface Kernel {
  /** Rows [from, to) of `points`, this space's columns beginning at `column`. */
  load(points: Matrix, from: number, to: number, column?: number): Block;
  /** out[j] = d(row i of x, row j of y) for every row j of y. Points are taken as valid: see requirePoints. */
  distances(x: Block, i: number, y: Block, out: Float64Array): void;
}

/** The usual `load`: the columns [column, column + n) of each row, and a scalar from its squared norm. */
export function loadRows(
  matrix: Matrix,
  from: number,
  to: number,
  column: number,
  n: number,
  scalarOf: (squaredNorm: number) => number,
): Block {
  const rows = to - from;
  const points = new Float64Array(rows * n);
  const scalars = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const start = (from + i) * matrix.columns + column;
    points.set(matrix.data.subarray(start, start + n), i * n);
    scalars[i] = scalarOf(squaredNormOf(points, i * n, n));
  }
  return { rows, points, scalars, parts: [] };
}

export function squaredNormOf(points: Float64Array, at: number, n: number): number {
  let sum = 0;
  for (let k = at; k < at + n; k++) sum += points[k] * points[k];
  return sum;
}
