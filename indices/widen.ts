import type { NeighborTable } from '../src/core/records.js';

const FIRST = 32;
const STEP = 4;
/** Results of one search, twelve bytes each. */
const MAX_RESULTS = 2 ** 24;

export interface Widening {
  /** [n, columns], row-major. */
  readonly queries: Float32Array;
  readonly columns: number;
  /** Neighbours to begin with; at least 32. */
  readonly first?: number;
  /** More are never asked for. */
  readonly most: number;
  search(queries: Float32Array, k: number): Promise<NeighborTable>;
  /**
   * Called with the k nearest of a query; k ids unless there are fewer points, then the rest is -1.
   * @param last no more will come
   * @returns whether that is enough
   */
  take(query: number, ids: BigInt64Array, distances: Float32Array, last: boolean): boolean;
}

/** Searches for few neighbours, then for four times as many of the queries that have not enough, and so on. */
export async function widen(widening: Widening): Promise<void> {
  const { queries, columns, first = FIRST, most, search, take } = widening;
  let open = Int32Array.from({ length: queries.length / columns }, (_, i) => i);
  for (let k = Math.min(most, Math.max(first, FIRST)); open.length > 0; k = Math.min(most, k * STEP)) {
    const last = k >= most;
    const left: number[] = [];
    const slice = Math.max(1, Math.floor(MAX_RESULTS / k));
    for (let from = 0; from < open.length; from += slice) {
      const part = open.subarray(from, from + slice);
      const rows = new Float32Array(part.length * columns);
      part.forEach((query, i) => {
        rows.set(queries.subarray(query * columns, (query + 1) * columns), i * columns);
      });
      const { ids, distances } = await search(rows, k);
      part.forEach((query, i) => {
        const [start, end] = [i * k, (i + 1) * k];
        const found = ids.subarray(start, end);
        const complete = last || found[k - 1] < 0n;
        if (!take(query, found, distances.subarray(start, end), complete) && !complete) left.push(query);
      });
    }
    if (last) return;
    open = Int32Array.from(left);
  }
}
