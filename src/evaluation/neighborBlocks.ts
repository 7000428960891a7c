import { type Matrix32, matrix } from '../core/matrix.js';
import type { Space } from '../core/space.js';
import { nearest } from '../geometry/nearest.js';
import { type ExactSearchOptions, loadNative } from '../native/index.js';

/** How a search runs; `onProgress` counts queries. None of it changes a result. */
export type SearchControl = Pick<ExactSearchOptions, 'threads' | 'signal' | 'onProgress'>;

/** The neighbours of the queries from .. to - 1. */
export interface NeighborBlock {
  readonly from: number;
  readonly to: number;
  /** [(to - from) * k] references, nearest first, ties by smaller row, -1 for none */
  readonly rows: Int32Array;
}

/** Neighbours of one block: 16 MiB of rows, as much of distances, and less than twice both within the search. */
const BLOCK_NEIGHBORS = 2 ** 22;

/**
 * The k nearest references of every query, some queries at a time, so that memory does not grow with their number. By
 * the native addon where it is built, in TypeScript on this thread elsewhere.
 * @param queries, references valid points of the space (requirePoints)
 * @param self query i is reference i, and none of its own neighbours
 */
export async function* neighborBlocks(
  space: Space,
  queries: Matrix32,
  references: Matrix32,
  k: number,
  self: boolean,
  { threads, signal, onProgress }: SearchControl = {},
): AsyncGenerator<NeighborBlock> {
  const native = loadNative();
  const searched = self ? k + 1 : k;
  const size = Math.max(1, Math.floor(BLOCK_NEIGHBORS / searched));
  for (let from = 0; from < queries.rows; from += size) {
    signal?.throwIfAborted();
    const to = Math.min(queries.rows, from + size);
    const { columns } = queries;
    const block = matrix(queries.data.subarray(from * columns, to * columns), to - from, columns);
    const task = { threads, signal, onProgress: onProgress && ((done: number) => onProgress(from + done)) };
    const { rows } = native
      ? await native.exactSearch(space, references, block, searched, task)
      : nearest(space, references, block, searched);
    if (!native) onProgress?.(to);
    yield { from, to, rows: self ? withoutSelf(rows, from, searched) : rows };
  }
}

/**
 * [queries * found] -> [queries * (found - 1)], in place: each query taken out, or the last neighbour where the query
 * is beyond it, as among many equal points.
 */
function withoutSelf(rows: Int32Array, from: number, found: number): Int32Array {
  const queries = rows.length / found;
  let at = 0;
  for (let i = 0; i < queries; i++) {
    const own = rows.subarray(i * found, (i + 1) * found);
    const place = own.indexOf(from + i);
    const dropped = place < 0 ? found - 1 : place;
    for (let j = 0; j < found; j++) if (j !== dropped) rows[at++] = own[j];
  }
  return rows.subarray(0, at);
}
