import type { Matrix32 } from '../core/matrix.js';
import type { Space } from '../core/space.js';
import { type NearestRows, nearest } from '../geometry/nearest.js';
import { requirePoints } from '../geometry/points.js';
import { loadNative } from '../native/index.js';

/**
 * The k nearest other rows of every row: ascending, ties by smaller row, padded with -1 and Infinity. By the native
 * addon where it is built, in TypeScript on this thread elsewhere.
 * @param vectors [n, columnsOf(space)]
 * @returns rows and distances, each [n * k]
 * @throws ShapeError, DomainError for rows that are not points of the space
 */
export async function leaveOneOutNeighbors(space: Space, vectors: Matrix32, k: number): Promise<NearestRows> {
  const native = loadNative();
  if (!native) return nearest(space, vectors, vectors, k, { excludeSelf: true });
  requirePoints(space, vectors, 'leaveOneOutNeighbors');
  return native.exactSearch(space, vectors, vectors, k, { excludeSelf: true });
}
