import type { Matrix32 } from '../../core/matrix.js';
import type { Space } from '../../core/space.js';
import { leaveOneOutNeighbors } from '../../evaluation/neighbors.js';
import { neighborsNeeded } from '../../evaluation/retrieval.js';

/** One value a query, in the order of the queries; their means are what evaluation/retrieval defines and reports. */
export interface QueryScores {
  readonly recallAt1: Float64Array;
  readonly recallAt10: Float64Array;
  readonly mapAtR: Float64Array;
}

/**
 * Retrieval of each vector among the others, query by query, for intervals over queries. Queries without another item of
 * their class are left out.
 * @param vectors [n, columnsOf(space)] @param classes n classes
 */
export async function queryScores(
  space: Space,
  vectors: Matrix32,
  classes: Int32Array,
): Promise<QueryScores> {
  const k = neighborsNeeded(classes);
  const { rows } = await leaveOneOutNeighbors(space, vectors, k);
  const sizes = new Map<number, number>();
  for (const c of classes) sizes.set(c, (sizes.get(c) ?? 0) + 1);
  const first: number[] = [];
  const precisions: number[] = [];
  for (let i = 0; i < classes.length; i++) {
    const R = sizes.get(classes[i])! - 1;
    if (R === 0) continue;
    let rankOfFirst = Number.POSITIVE_INFINITY;
    let hits = 0;
    let sum = 0;
    for (let rank = 1; rank <= Math.min(k, Math.max(R, 10)); rank++) {
      const j = rows[i * k + rank - 1];
      if (j < 0 || classes[j] !== classes[i]) continue;
      hits++;
      rankOfFirst = Math.min(rankOfFirst, rank);
      if (rank <= R) sum += hits / rank;
    }
    first.push(rankOfFirst);
    precisions.push(sum / R);
  }
  const within = (k: number) => Float64Array.from(first, (rank) => (rank <= k ? 1 : 0));
  return { recallAt1: within(1), recallAt10: within(10), mapAtR: Float64Array.from(precisions) };
}
