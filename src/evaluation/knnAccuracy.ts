import { requireInteger, requireLength } from '../core/checks.js';
import type { Matrix32 } from '../core/matrix.js';
import type { Space } from '../core/space.js';
import { nearest } from '../geometry/nearest.js';
import { loadNative } from '../native/index.js';

export interface LabelledVectors {
  /** [n, columnsOf(space)] */
  readonly vectors: Matrix32;
  /** [n] */
  readonly labels: ArrayLike<number>;
}

/**
 * Share of queries whose label is the most frequent one among their k nearest gallery vectors; of equally frequent ones
 * the one that is nearer counts.
 * @throws ShapeError, UsageError, DomainError for other shapes, k < 1 or vectors that are not points of the space
 */
export async function knnAccuracy(
  space: Space,
  gallery: LabelledVectors,
  queries: LabelledVectors,
  k: number,
): Promise<number> {
  requireInteger(k, 1, 'knnAccuracy k', gallery.vectors.rows);
  requireLength(gallery.labels.length, gallery.vectors.rows, 'knnAccuracy gallery labels');
  requireLength(queries.labels.length, queries.vectors.rows, 'knnAccuracy query labels');
  const native = loadNative();
  const { rows } = native
    ? await native.exactSearch(space, gallery.vectors, queries.vectors, k)
    : nearest(space, gallery.vectors, queries.vectors, k);
  let right = 0;
  for (let i = 0; i < queries.vectors.rows; i++) {
    const near = Array.from(rows.subarray(i * k, (i + 1) * k), (row) => gallery.labels[row]);
    if (mostFrequent(near) === queries.labels[i]) right++;
  }
  return right / queries.vectors.rows;
}

/** The first to be seen of those seen most often. */
function mostFrequent(labels: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}
