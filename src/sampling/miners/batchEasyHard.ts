import { DomainError, expectation, UsageError } from '../../core/errors.js';
import type { BatchRelation } from '../relation.js';
import {
  type Candidates,
  type Distances,
  forEachAnchor,
  type HostCompared,
  readCompared,
} from './compared.js';
import { IntList } from './intList.js';
import { type IndexPairs, type PairTuples, pairsWithMark, type TripletTuples } from './tuples.js';

const STRATEGIES = ['hard', 'semihard', 'easy', 'all'] as const;

export type MiningStrategy = (typeof STRATEGIES)[number];

/** Both ends are allowed. */
export type Range = readonly [low: number, high: number];

export interface BatchHardMinerOptions {
  /** Distances that a positive may have. Default: any. */
  readonly allowedPosRange?: Range;
  /** Distances that a negative may have. Default: any. */
  readonly allowedNegRange?: Range;
  /** Given, both ranges are of similarities zero - d. */
  readonly zero?: number;
}

export interface BatchEasyHardMinerOptions extends BatchHardMinerOptions {
  /**
   * 'hard': the farthest positive; 'easy': the nearest; 'semihard': the farthest of those nearer than the chosen
   * negative; 'all': every positive, in any range.
   */
  readonly posStrategy?: MiningStrategy;
  /**
   * 'hard': the nearest negative; 'easy': the farthest; 'semihard': the nearest of those farther than the chosen
   * positive; 'all': every negative, in any range.
   */
  readonly negStrategy?: MiningStrategy;
}

export const BATCH_EASY_HARD_MINER_DEFAULTS = { posStrategy: 'easy', negStrategy: 'semihard' } as const;

/**
 * One positive and one negative an anchor, or all of them, by strategies. Where both sides choose, an anchor that
 * finds none on one side has no pair at all. Of equal distances the lower column is taken.
 * @throws as readCompared; UsageError for an unknown strategy, for 'semihard' on both sides or beside 'all'; DomainError
 *   for a range that is none
 * @source Xuan, Stylianou, Pless 2020, arXiv:1904.04370, for easy positives
 */
export function batchEasyHardMiner(
  distances: Distances,
  relation: BatchRelation,
  options: BatchEasyHardMinerOptions = {},
): PairTuples {
  const { posStrategy, negStrategy } = { ...BATCH_EASY_HARD_MINER_DEFAULTS, ...options };
  requireStrategies(posStrategy, negStrategy);
  const compared = readCompared(distances, relation, 'batchEasyHardMiner');
  const chosen = choose(compared, posStrategy, negStrategy, options);
  return {
    kind: 'pairs',
    positives: posStrategy === 'all' ? pairsWithMark(compared.plan, 1) : chosen.positives,
    negatives: negStrategy === 'all' ? pairsWithMark(compared.plan, -1) : chosen.negatives,
  };
}

/**
 * The farthest positive and the nearest negative of each anchor that has both.
 * @throws as batchEasyHardMiner
 * @source Hermans, Beyer, Leibe 2017, arXiv:1703.07737, eq. 5
 */
export function batchHardMiner(
  distances: Distances,
  relation: BatchRelation,
  options: BatchHardMinerOptions = {},
): TripletTuples {
  const compared = readCompared(distances, relation, 'batchHardMiner');
  const { positives, negatives } = choose(compared, 'hard', 'hard', options);
  return { kind: 'triplets', anchors: positives[0], positives: positives[1], negatives: negatives[1] };
}

function choose(
  { d, plan }: HostCompared,
  posStrategy: MiningStrategy,
  negStrategy: MiningStrategy,
  options: BatchHardMinerOptions,
): { positives: IndexPairs; negatives: IndexPairs } {
  const posAllowed = allowed(options.allowedPosRange, options.zero, 'allowedPosRange');
  const negAllowed = allowed(options.allowedNegRange, options.zero, 'allowedNegRange');
  const posSide = [new IntList(), new IntList()] as const;
  const negSide = [new IntList(), new IntList()] as const;
  const bothChoose = posStrategy !== 'all' && negStrategy !== 'all';
  const add = ([anchors, others]: typeof posSide, anchor: number, other: number) => {
    anchors.push(anchor);
    others.push(other);
  };
  forEachAnchor(plan, ({ anchor, positives, negatives }: Candidates) => {
    const at = (j: number) => d[anchor * plan.columns + j];
    const positive = (keep: (value: number) => boolean) =>
      extreme(positives, at, posStrategy === 'easy' ? 'nearest' : 'farthest', keep);
    const negative = (keep: (value: number) => boolean) =>
      extreme(negatives, at, negStrategy === 'easy' ? 'farthest' : 'nearest', keep);
    let p = posStrategy === 'semihard' ? -1 : positive(posAllowed);
    const n =
      negStrategy !== 'semihard'
        ? negative(negAllowed)
        : p < 0
          ? -1
          : negative((value) => value > at(p) && negAllowed(value));
    if (posStrategy === 'semihard' && n >= 0) p = positive((value) => value < at(n) && posAllowed(value));
    if (p >= 0 && (n >= 0 || !bothChoose)) add(posSide, anchor, p);
    if (n >= 0 && (p >= 0 || !bothChoose)) add(negSide, anchor, n);
  });
  const finish = ([anchors, others]: typeof posSide): IndexPairs => [anchors.finish(), others.finish()];
  return { positives: finish(posSide), negatives: finish(negSide) };
}

/** The nearest or farthest column that is kept, the lowest of equal ones; -1 for none. */
function extreme(
  columns: Int32Array,
  at: (j: number) => number,
  end: 'nearest' | 'farthest',
  keep: (value: number) => boolean,
): number {
  let best = -1;
  for (const j of columns) {
    const value = at(j);
    if (!keep(value)) continue;
    if (best < 0 || (end === 'nearest' ? value < at(best) : value > at(best))) best = j;
  }
  return best;
}

function allowed(range: Range | undefined, zero: number | undefined, name: string): (d: number) => boolean {
  if (!range) return () => true;
  const [low, high] = range;
  if (!(low <= high)) {
    const remedy = 'check this argument';
    throw new DomainError(expectation(name, 'a lower and an upper end', [low, high], remedy));
  }
  if (zero === undefined) return (d) => d >= low && d <= high;
  return (d) => zero - d >= low && zero - d <= high;
}

function requireStrategies(posStrategy: MiningStrategy, negStrategy: MiningStrategy): void {
  for (const [name, strategy] of Object.entries({ posStrategy, negStrategy })) {
    if (STRATEGIES.includes(strategy)) continue;
    const expected = `one of ${STRATEGIES.join(', ')}`;
    throw new UsageError(
      expectation(`batchEasyHardMiner ${name}`, expected, strategy, 'check this argument'),
    );
  }
  // Semi-hard is relative to the one that the other side chose.
  const both = [posStrategy, negStrategy];
  if (!both.includes('semihard') || both.includes('hard') || both.includes('easy')) return;
  const remedy = 'choose "hard" or "easy" on the other side';
  throw new UsageError(
    expectation('batchEasyHardMiner', '"semihard" beside "hard" or "easy"', both.join(' and '), remedy),
  );
}
