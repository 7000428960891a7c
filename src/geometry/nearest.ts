import { requireInteger } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import type { Matrix } from '../core/matrix.js';
import type { Space } from '../core/space.js';
import { kernelOf } from './kernel.js';
import { requirePoints } from './points.js';

export interface NearestOptions {
  /** Query i is row i of the database and is not its own neighbour. Default false. */
  readonly excludeSelf?: boolean;
}

/** Both [queries * k]: ascending by float32 distance, ties by smaller row, padded with -1 and Infinity. */
export interface NearestRows {
  readonly rows: Int32Array;
  readonly distances: Float32Array;
}

/** Rows at a time: two blocks of 128 columns in float64 fit the second cache of common processors. */
const BLOCK = 256;

/**
 * The k nearest rows of the database for each query, exactly: every distance in float64, then rounded to float32.
 * @param database [n, columnsOf(space)] @param queries [m, columnsOf(space)] @param k >= 1, may exceed n
 * @throws ShapeError, DomainError: see requirePoints; ShapeError for excludeSelf with more queries than rows
 */
export function nearest(
  space: Space,
  database: Matrix,
  queries: Matrix,
  k: number,
  options: NearestOptions = {},
): NearestRows {
  const excludeSelf = options.excludeSelf ?? false;
  requireInteger(k, 1, 'nearest k');
  requirePoints(space, database, 'nearest database');
  if (queries !== database) requirePoints(space, queries, 'nearest queries');
  if (excludeSelf && queries.rows > database.rows) {
    const remedy = 'with excludeSelf, query i must be row i of the database';
    throw new ShapeError(
      expectation('nearest queries', `at most ${database.rows} rows`, queries.rows, remedy),
    );
  }
  const kernel = kernelOf(space);
  const rows = new Int32Array(queries.rows * k).fill(-1);
  const distances = new Float32Array(queries.rows * k).fill(Number.POSITIVE_INFINITY);
  const out = new Float64Array(BLOCK);
  for (let q = 0; q < queries.rows; q += BLOCK) {
    const x = kernel.load(queries, q, Math.min(q + BLOCK, queries.rows));
    const heaps = Array.from({ length: x.rows }, (_, i) => {
      const at = (q + i) * k;
      return new Heap(distances.subarray(at, at + k), rows.subarray(at, at + k));
    });
    for (let first = 0; first < database.rows; first += BLOCK) {
      const y = kernel.load(database, first, Math.min(first + BLOCK, database.rows));
      for (let i = 0; i < x.rows; i++) {
        kernel.distances(x, i, y, out);
        heaps[i].offer(out, first, y.rows, excludeSelf ? q + i : -1);
      }
    }
    for (const heap of heaps) heap.sort();
  }
  return { rows, distances };
}

/** The k smallest (distance, row) seen so far, the largest of them at the root, in the arrays of the result. */
class Heap {
  private size = 0;

  constructor(
    private readonly distances: Float32Array,
    private readonly rows: Int32Array,
  ) {}

  /** Takes what is near enough of values[0..count), the distances of rows first, first + 1, ..., but for row `self`. */
  offer(values: Float64Array, first: number, count: number, self: number): void {
    const { distances, rows } = this;
    for (let j = 0; j < count; j++) {
      const d = Math.fround(values[j]);
      const row = first + j;
      if (row === self) continue;
      if (this.size < distances.length) {
        this.up(this.size++, d, row);
      } else if (d < distances[0]) {
        // Rows come in ascending order, so a tie with the root always loses to it.
        this.down(d, row, rows.length);
      }
    }
  }

  /** Heap order to ascending order, in place. */
  sort(): void {
    for (let end = this.size - 1; end > 0; end--) {
      const d = this.distances[end];
      const row = this.rows[end];
      this.distances[end] = this.distances[0];
      this.rows[end] = this.rows[0];
      this.down(d, row, end);
    }
  }

  private up(from: number, d: number, row: number): void {
    const { distances, rows } = this;
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!(d > distances[parent] || (d === distances[parent] && row > rows[parent]))) break;
      distances[i] = distances[parent];
      rows[i] = rows[parent];
      i = parent;
    }
    distances[i] = d;
    rows[i] = row;
  }

  /** Puts (d, row) in the place of the root of the first `size` entries. */
  private down(d: number, row: number, size: number): void {
    const { distances, rows } = this;
    let i = 0;
    for (let child = 1; child < size; child = 2 * i + 1) {
      const right = child + 1;
      if (
        right < size &&
        (distances[right] > distances[child] ||
          (distances[right] === distances[child] && rows[right] > rows[child]))
      ) {
        child = right;
      }
      if (!(distances[child] > d || (distances[child] === d && rows[child] > row))) break;
      distances[i] = distances[child];
      rows[i] = rows[child];
      i = child;
    }
    distances[i] = d;
    rows[i] = row;
  }
}
