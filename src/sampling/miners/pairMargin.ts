import { requireFinite } from '../../core/checks.js';
import type { BatchRelation } from '../relation.js';
import { type Distances, readCompared } from './compared.js';
import { type PairTuples, pairsWithMark } from './tuples.js';

export interface PairMarginMinerOptions {
  /** Positive pairs farther apart than this, in the unit of the distances. */
  readonly posMargin?: number;
  /** Negative pairs nearer than this. */
  readonly negMargin?: number;
  /**
   * Given, both margins are similarities s = zero - d: positives below posMargin, negatives above negMargin. 1 makes
   * them cosines of a cosine distance.
   */
  readonly zero?: number;
}

export const PAIR_MARGIN_MINER_DEFAULTS = { posMargin: 0.2, negMargin: 0.8 } as const;

/**
 * Pairs that violate a margin. The default margins are PML's, whose distances are Euclidean of embeddings of norm 1,
 * 0..2.
 * @throws as readCompared; DomainError for a margin or zero that is not finite
 */
export function pairMarginMiner(
  distances: Distances,
  relation: BatchRelation,
  options: PairMarginMinerOptions = {},
): PairTuples {
  const { posMargin, negMargin, zero } = { ...PAIR_MARGIN_MINER_DEFAULTS, ...options };
  requireFinite([posMargin], 1, 'pairMarginMiner posMargin');
  requireFinite([negMargin], 1, 'pairMarginMiner negMargin');
  requireFinite([zero ?? 0], 1, 'pairMarginMiner zero');
  const { d, plan } = readCompared(distances, relation, 'pairMarginMiner');
  const isFar = (at: number) => (zero === undefined ? d[at] > posMargin : zero - d[at] < posMargin);
  const isNear = (at: number) => (zero === undefined ? d[at] < negMargin : zero - d[at] > negMargin);
  return {
    kind: 'pairs',
    positives: pairsWithMark(plan, 1, isFar),
    negatives: pairsWithMark(plan, -1, isNear),
  };
}
