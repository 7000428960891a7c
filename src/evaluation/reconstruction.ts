import { requireLength } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import type { Matrix32 } from '../core/matrix.js';
import type { Relation } from '../core/records.js';
import { requireRelation } from '../core/relation.js';
import type { Space } from '../core/space.js';
import { kernelOf } from '../geometry/kernel.js';
import { requirePoints } from '../geometry/points.js';
import { loadNative, type ReconstructionOptions, type ReconstructionRanks } from '../native/index.js';

/** How well the distances of an embedding give back a relation. */
export interface ReconstructionScores {
  /** Mean over all pairs of 1 + the items that are not related to u and lie at most as far from it as v; 1 is perfect. */
  readonly meanRank: number;
  /** Mean over all u with a relation of the average precision of the items ranked by their distance to u, 0..1. */
  readonly meanAveragePrecision: number;
  readonly pairs: number;
  /** Items with a relation. */
  readonly queries: number;
}

/**
 * Ranks all items by their distance to each u: where do those stand that u is related to? u itself is left out, and so
 * are its other related items when one of them is ranked. Ties count against the embedding, so that equal points
 * score like the worst order: an item as far as v stands before it, and the precision at v is that at the last item
 * as far as v.
 * @param points [n, columnsOf(space)]
 * @param relation of n items; n² distances are computed, in little memory, off the event loop where the addon is there
 * @throws ShapeError for other shapes; DomainError for rows that are no points, and distances that are not a number;
 *   UsageError for a relation without pairs, or out of order
 * @source Nickel and Kiela 2017, arXiv:1705.08039, section 4.1: mean rank and MAP of reconstruction
 */
export async function reconstruction(
  space: Space,
  points: Matrix32,
  relation: Relation,
  options: ReconstructionOptions = {},
): Promise<ReconstructionScores> {
  requirePoints(space, points, 'reconstruction points');
  requireLength(relation.offsets.length, points.rows + 1, 'reconstruction offsets');
  requireRelation(relation, 'reconstruction');
  const native = loadNative();
  const { rankSums, averagePrecisions } = native
    ? await native.reconstruction(space, points, relation, options)
    : ranksInJavaScript(space, points, relation);
  const { offsets, targets } = relation;
  let queries = 0;
  let ranks = 0;
  let precisions = 0;
  for (let u = 0; u < points.rows; u++) {
    if (offsets[u] === offsets[u + 1]) continue;
    queries++;
    ranks += rankSums[u];
    precisions += averagePrecisions[u];
  }
  const scores = { meanRank: ranks / targets.length, meanAveragePrecision: precisions / queries };
  return { ...scores, pairs: targets.length, queries };
}

/** What the addon computes, for machines without it. @throws DomainError for a distance that is not a number */
export function ranksInJavaScript(
  space: Space,
  points: Matrix32,
  { offsets, targets }: Relation,
): ReconstructionRanks {
  const n = points.rows;
  const rankSums = new Float64Array(n);
  const averagePrecisions = new Float64Array(n);
  const kernel = kernelOf(space);
  const block = kernel.load(points, 0, n);
  const distances = new Float64Array(n);
  for (let u = 0; u < n; u++) {
    if (offsets[u] === offsets[u + 1]) continue;
    kernel.distances(block, u, block, distances);
    requireNumbers(distances, u);
    const own = targets.subarray(offsets[u], offsets[u + 1]);
    const steps = Float64Array.from(own, (v) => distances[v]).sort();
    const farthest = steps[steps.length - 1];
    const near = distances.filter((d, v) => d <= farthest && v !== u).sort();
    for (let j = 0, rows = 0; j < steps.length; ) {
      let tied = j;
      while (steps[tied] === steps[j]) tied++;
      while (near[rows] <= steps[j]) rows++;
      rankSums[u] += (tied - j) * (1 + rows - tied);
      averagePrecisions[u] += ((tied - j) * tied) / rows / steps.length;
      j = tied;
    }
  }
  return { rankSums, averagePrecisions };
}

function requireNumbers(distances: Float64Array, u: number): void {
  const v = distances.findIndex((d) => Number.isNaN(d));
  if (v < 0) return;
  const remedy = 'its coordinates are too large for this space';
  throw new DomainError(expectation(`reconstruction rows ${u} and ${v}`, 'a distance', Number.NaN, remedy));
}
