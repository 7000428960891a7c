import { requireInteger } from '../../core/checks.js';
import type { Rng } from '../../core/rng.js';
import type { BatchRelation } from '../relation.js';
import { type Distances, type HostCompared, readCompared } from './compared.js';
import { IntList } from './intList.js';
import { allPairsOf, type IndexPairs, type PairTuples } from './tuples.js';

export interface UniformHistogramMinerOptions {
  readonly rng: Rng;
  /** Bins of equal width from the smallest to the largest distance, of positives and of negatives. */
  readonly bins?: number;
  /** Pairs drawn, with repetition, from each bin that is not empty. */
  readonly posPerBin?: number;
  readonly negPerBin?: number;
}

export const UNIFORM_HISTOGRAM_MINER_DEFAULTS = { bins: 100, posPerBin: 10, negPerBin: 10 } as const;

/**
 * Pairs whose distances are spread evenly over what occurs in the batch, bin by bin, nearest first. Pairs of one
 * distance alone are one bin.
 * @throws as readCompared; UsageError for counts that are not whole and >= 1
 */
export function uniformHistogramMiner(
  distances: Distances,
  relation: BatchRelation,
  options: UniformHistogramMinerOptions,
): PairTuples {
  const { rng, bins, posPerBin, negPerBin } = { ...UNIFORM_HISTOGRAM_MINER_DEFAULTS, ...options };
  requireInteger(bins, 1, 'uniformHistogramMiner bins');
  requireInteger(posPerBin, 1, 'uniformHistogramMiner posPerBin');
  requireInteger(negPerBin, 1, 'uniformHistogramMiner negPerBin');
  const compared = readCompared(distances, relation, 'uniformHistogramMiner');
  const { positives, negatives } = allPairsOf(compared.plan);
  return {
    kind: 'pairs',
    positives: drawEvenly(compared, positives, bins, posPerBin, rng),
    negatives: drawEvenly(compared, negatives, bins, negPerBin, rng),
  };
}

function drawEvenly(
  { d, plan }: HostCompared,
  [anchors, others]: IndexPairs,
  bins: number,
  perBin: number,
  rng: Rng,
): IndexPairs {
  const values = Float64Array.from(anchors, (anchor, k) => d[anchor * plan.columns + others[k]]);
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const width = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) - low;
  const members: number[][] = Array.from({ length: bins }, () => []);
  // The last bin has its upper end, too.
  values.forEach((value, k) => {
    const bin = width > 0 ? Math.floor(((value - low) / width) * bins) : 0;
    members[Math.min(bin, bins - 1)].push(k);
  });
  const drawn = new IntList();
  for (const list of members) {
    for (let i = 0; i < perBin && list.length > 0; i++) drawn.push(list[rng.below(list.length)]);
  }
  const chosen = drawn.finish();
  return [chosen.map((k) => anchors[k]), chosen.map((k) => others[k])];
}
