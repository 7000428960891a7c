import { requireInteger, requireLength } from '../core/checks.js';
import { expectation, UsageError } from '../core/errors.js';
import type { Matrix32 } from '../core/matrix.js';
import type { RankReport, RetrievalScores } from '../core/records.js';
import type { Space } from '../core/space.js';
import { rankScores, rankScoresOf } from './rankScores.js';

const RECALL_AT = [1, 10];

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
  requireInteger(k, 1, 'retrievalScores k');
  requireLength(neighborRows.length, labels.length * k, 'retrievalScores neighborRows');
  const needed = neighborsNeeded(labels);
  if (k < needed) {
    throw new UsageError(expectation('retrievalScores k', `at least ${needed}`, k, 'search more neighbours'));
  }
  return threeOf(rankScoresOf(neighborRows, k, labels, { recallAt: RECALL_AT }));
}

/** retrievalScores of `vectors` [n, columnsOf(space)] among themselves. */
export async function leaveOneOutScores(
  space: Space,
  vectors: Matrix32,
  labels: ArrayLike<number>,
): Promise<RetrievalScores> {
  requireLength(labels.length, vectors.rows, 'leaveOneOutScores labels');
  return threeOf(await rankScores(space, vectors, labels, { k: 'largestClass', recallAt: RECALL_AT }));
}

/** Enough for recall at 10 and for the largest class, but never more than the other items. */
export function neighborsNeeded(labels: ArrayLike<number>): number {
  const sizes = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) sizes.set(labels[i], (sizes.get(labels[i]) ?? 0) + 1);
  let largest = 0;
  for (const size of sizes.values()) largest = Math.max(largest, size);
  return Math.min(labels.length - 1, Math.max(10, largest - 1));
}

/** Of a report whose rankings reach the largest R, so that it has a mapAtR. */
function threeOf({ recallAt, mapAtR }: RankReport): RetrievalScores {
  return { recallAt1: recallAt[1], recallAt10: recallAt[10], mapAtR: mapAtR ?? Number.NaN };
}
