import { setImmediate } from 'node:timers/promises';
import type { Matrix32 } from '../../src/core/matrix.js';
import type { Space } from '../../src/core/space.js';
import { type NearestRows, nearest } from '../../src/geometry/nearest.js';

/** Pairs a slice: about 50 ms of work at 128 columns, after which the event loop gets its turn. */
const PAIRS = 300_000;

/** geometry's `nearest`, in slices of queries. */
export async function nearestInSlices(
  space: Space,
  database: Matrix32,
  queries: Matrix32,
  k: number,
  signal: AbortSignal | undefined,
): Promise<NearestRows> {
  const rows = new Int32Array(queries.rows * k).fill(-1);
  const distances = new Float32Array(queries.rows * k).fill(Number.POSITIVE_INFINITY);
  const slice = Math.max(1, Math.floor(PAIRS / Math.max(1, database.rows)));
  for (let from = 0; from < queries.rows; from += slice) {
    signal?.throwIfAborted();
    const to = Math.min(queries.rows, from + slice);
    const data = queries.data.subarray(from * queries.columns, to * queries.columns);
    const part = nearest(space, database, { data, rows: to - from, columns: queries.columns }, k);
    rows.set(part.rows, from * k);
    distances.set(part.distances, from * k);
    await setImmediate();
  }
  return { rows, distances };
}
