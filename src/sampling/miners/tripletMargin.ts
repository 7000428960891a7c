import { requireFinite } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { BatchRelation } from '../relation.js';
import { type Distances, forEachAnchor, readCompared } from './compared.js';
import { TripletList, type TripletTuples } from './tuples.js';

const TRIPLET_TYPES = ['all', 'hard', 'semihard', 'easy'] as const;

export interface TripletMarginMinerOptions {
  /** In the unit of the distances, finite. */
  readonly margin?: number;
  /**
   * By g = d(a, n) - d(a, p): 'all' g <= margin; of these 'hard' g <= 0 and 'semihard' g > 0; 'easy' g > margin, the
   * triplets that are no longer needed.
   */
  readonly type?: (typeof TRIPLET_TYPES)[number];
}

export const TRIPLET_MARGIN_MINER_DEFAULTS = { margin: 0.2, type: 'all' } as const;

/**
 * Every triplet of one type. The default margin is PML's, whose distances are Euclidean of embeddings of norm 1, 0..2.
 * Memory is that of the triplets found.
 * @throws as readCompared; DomainError for a margin that is not finite, UsageError for an unknown type
 * @source Schroff, Kalenichenko, Philbin 2015, arXiv:1503.03832, section 3.2, for semi-hard
 */
export function tripletMarginMiner(
  distances: Distances,
  relation: BatchRelation,
  options: TripletMarginMinerOptions = {},
): TripletTuples {
  const { margin, type } = { ...TRIPLET_MARGIN_MINER_DEFAULTS, ...options };
  requireFinite([margin], 1, 'tripletMarginMiner margin');
  if (!TRIPLET_TYPES.includes(type)) {
    const expected = `one of ${TRIPLET_TYPES.join(', ')}`;
    throw new UsageError(expectation('tripletMarginMiner type', expected, type, 'check this argument'));
  }
  const { d, plan } = readCompared(distances, relation, 'tripletMarginMiner');
  const triplets = new TripletList();
  forEachAnchor(plan, ({ anchor, positives, negatives }) => {
    const row = anchor * plan.columns;
    for (const p of positives) {
      for (const n of negatives) {
        const gap = d[row + n] - d[row + p];
        const isEasy = gap > margin;
        const wanted =
          type === 'easy' ? isEasy : !isEasy && (type === 'all' || (type === 'hard' ? gap <= 0 : gap > 0));
        if (wanted) triplets.push(anchor, p, n);
      }
    }
  });
  return triplets.finish();
}
