import { requireFinite } from '../../core/checks.js';
import type { BatchRelation } from '../relation.js';
import { type Distances, forEachAnchor, readCompared } from './compared.js';
import { type PairTuples, pairsWithMark } from './tuples.js';

export interface MultiSimilarityMinerOptions {
  /** In the unit of the distances, finite. */
  readonly epsilon?: number;
}

export const MULTI_SIMILARITY_MINER_DEFAULTS = { epsilon: 0.1 } as const;

/**
 * Positives farther than the anchor's nearest negative less epsilon, and negatives nearer than its farthest positive
 * plus epsilon. Of similarities zero - d it chooses the same pairs, whatever `zero` is. An anchor that lacks positives
 * or negatives has no pairs. The default epsilon is PML's, for cosine.
 * @throws as readCompared; DomainError for an epsilon that is not finite
 * @source Wang, Han, Huang, Dong, Scott 2019, arXiv:1904.06627, eqs. 9 and 10
 */
export function multiSimilarityMiner(
  distances: Distances,
  relation: BatchRelation,
  options: MultiSimilarityMinerOptions = {},
): PairTuples {
  const { epsilon } = { ...MULTI_SIMILARITY_MINER_DEFAULTS, ...options };
  requireFinite([epsilon], 1, 'multiSimilarityMiner epsilon');
  const { d, plan } = readCompared(distances, relation, 'multiSimilarityMiner');
  // With none on the other side these stay where no pair is beyond them.
  const nearestNegative = new Float64Array(plan.rows).fill(Number.POSITIVE_INFINITY);
  const farthestPositive = new Float64Array(plan.rows).fill(Number.NEGATIVE_INFINITY);
  forEachAnchor(plan, ({ anchor, positives, negatives }) => {
    const row = anchor * plan.columns;
    for (const p of positives) farthestPositive[anchor] = Math.max(farthestPositive[anchor], d[row + p]);
    for (const n of negatives) nearestNegative[anchor] = Math.min(nearestNegative[anchor], d[row + n]);
  });
  return {
    kind: 'pairs',
    positives: pairsWithMark(plan, 1, (at, anchor) => d[at] + epsilon > nearestNegative[anchor]),
    negatives: pairsWithMark(plan, -1, (at, anchor) => d[at] - epsilon < farthestPositive[anchor]),
  };
}
