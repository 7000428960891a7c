import { DomainError, expectation, UsageError } from '../../core/errors.js';
import type { HostPlan } from '../plan.js';
import type { BatchRelation } from '../relation.js';
import { type Distances, type HostCompared, readCompared } from './compared.js';
import { allPairsOf, type IndexPairs, type PairTuples, pairsOfTuples, type Tuples } from './tuples.js';

export interface HdcMinerOptions {
  /** Share of the pairs that is kept, above 0, at most 1. */
  readonly share?: number;
  /** Chooses from these instead of all pairs: what an earlier stage of the cascade kept. */
  readonly from?: Tuples;
}

export const HDC_MINER_DEFAULTS = { share: 0.5 } as const;

/**
 * Of a batch's positive pairs the farthest, of its negative pairs the nearest: ceil(share * pairs) of each, in the
 * order that they have. Of equal distances the earlier pair is taken; of a symmetric matrix that may be one of two
 * mirror images.
 * @throws as readCompared; DomainError for a share outside its range, UsageError where `from` is of a larger batch
 * @source Yuan, Yang, Zhang 2017, "Hard-aware deeply cascaded embedding", arXiv:1611.05720, section 3.2
 */
export function hdcMiner(
  distances: Distances,
  relation: BatchRelation,
  options: HdcMinerOptions = {},
): PairTuples {
  const { share, from } = { ...HDC_MINER_DEFAULTS, ...options };
  if (!(share > 0 && share <= 1)) {
    const remedy = 'check this argument';
    throw new DomainError(expectation('hdcMiner share', 'a number above 0, at most 1', share, remedy));
  }
  const compared = readCompared(distances, relation, 'hdcMiner');
  const { positives, negatives } = from ? pairsOfTuples(from) : allPairsOf(compared.plan);
  return {
    kind: 'pairs',
    positives: hardest(compared, positives, share, -1),
    negatives: hardest(compared, negatives, share, 1),
  };
}

/** @param direction 1: the nearest are the hardest; -1: the farthest */
function hardest(
  { d, plan }: HostCompared,
  [anchors, others]: IndexPairs,
  share: number,
  direction: 1 | -1,
): IndexPairs {
  const keys = new Float64Array(anchors.length);
  anchors.forEach((anchor, k) => {
    const other = others[k];
    if (!(anchor < plan.rows && other < plan.columns)) refuse(plan, anchor, other);
    keys[k] = direction * d[anchor * plan.columns + other];
  });
  const count = Math.ceil(share * keys.length);
  const last = keys.slice().sort()[count - 1];
  let ties = count - keys.reduce((below, key) => below + Number(key < last), 0);
  const isKept = new Uint8Array(keys.length);
  keys.forEach((key, k) => {
    if (key < last || (key === last && ties-- > 0)) isKept[k] = 1;
  });
  const keep = (list: Int32Array) => list.filter((_, k) => isKept[k] === 1);
  return [keep(anchors), keep(others)];
}

function refuse({ rows, columns }: HostPlan, anchor: number, other: number): never {
  const remedy = 'pass tuples of this batch';
  throw new UsageError(
    expectation('hdcMiner from', `pairs of [${rows}, ${columns}]`, [anchor, other], remedy),
  );
}
