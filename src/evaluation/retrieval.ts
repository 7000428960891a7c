import { requireInteger, requireLength } from '../core/checks.js';
import { DomainError, expectation, UsageError } from '../core/errors.js';
import type { Matrix32 } from '../core/matrix.js';
import type { RetrievalScores } from '../core/records.js';
import type { Space } from '../core/space.js';
import { leaveOneOutNeighbors } from './neighbors.js';

/**
 * Scores of a leave-one-out retrieval. R of a query is the number of other items of its class; queries with R = 0
 * cannot succeed and are left out.
 * recallAtk: share of queries with an item of their class among the first k. mapAtR: mean over queries of
 * (1/R) Σ over ranks i = 1..R that hold the class of the precision at i.
 * @param neighborRows [n * k], each query's others, nearest first, -1 for none
 * @param k at least 10 and the largest R, unless fewer others exist
 * @param labels n classes
 * @throws ShapeError for other lengths, UsageError for k too small, DomainError if every class has one item
 * @source Musgrave, Belongie, Lim 2020, "A metric learning reality check", arXiv:2003.08505, section 4
 */
export function retrievalScores(
  neighborRows: Int32Array,
  k: number,
  labels: ArrayLike<number>,
): RetrievalScores {
  const n = labels.length;
  requireInteger(k, 1, 'retrievalScores k');
  requireLength(neighborRows.length, n * k, 'retrievalScores neighborRows');
  const sizes = classSizes(labels);
  const needed = neighborsNeeded(labels);
  if (k < needed) {
    throw new UsageError(expectation('retrievalScores k', `at least ${needed}`, k, 'search more neighbours'));
  }
  let queries = 0;
  let at1 = 0;
  let at10 = 0;
  let map = 0;
  for (let i = 0; i < n; i++) {
    const R = sizes.get(labels[i])! - 1;
    if (R === 0) continue;
    queries++;
    let hits = 0;
    let precisions = 0;
    let first = Number.POSITIVE_INFINITY;
    for (let rank = 1; rank <= Math.min(k, Math.max(R, 10)); rank++) {
      const j = neighborRows[i * k + rank - 1];
      if (j < 0 || labels[j] !== labels[i]) continue;
      hits++;
      first = Math.min(first, rank);
      if (rank <= R) precisions += hits / rank;
    }
    if (first <= 1) at1++;
    if (first <= 10) at10++;
    map += precisions / R;
  }
  if (queries === 0) {
    const remedy = 'retrieval needs a class with two items';
    throw new DomainError(expectation('retrievalScores labels', 'a class of two', 'none', remedy));
  }
  return { recallAt1: at1 / queries, recallAt10: at10 / queries, mapAtR: map / queries };
}

/** retrievalScores of `vectors` [n, columnsOf(space)] among themselves. */
export async function leaveOneOutScores(
  space: Space,
  vectors: Matrix32,
  labels: ArrayLike<number>,
): Promise<RetrievalScores> {
  requireLength(labels.length, vectors.rows, 'leaveOneOutScores labels');
  const k = Math.max(1, neighborsNeeded(labels));
  const { rows } = await leaveOneOutNeighbors(space, vectors, k);
  return retrievalScores(rows, k, labels);
}

/** Enough for recall at 10 and for the largest class, but never more than the other items. */
export function neighborsNeeded(labels: ArrayLike<number>): number {
  let largest = 0;
  for (const size of classSizes(labels).values()) largest = Math.max(largest, size);
  return Math.min(labels.length - 1, Math.max(10, largest - 1));
}

function classSizes(labels: ArrayLike<number>): Map<number, number> {
  const sizes = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) sizes.set(labels[i], (sizes.get(labels[i]) ?? 0) + 1);
  return sizes;
}
