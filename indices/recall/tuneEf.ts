import { requireInteger } from '../../src/core/checks.js';
import { DomainError, expectation, UsageError } from '../../src/core/errors.js';
import type { RecallEstimate, VectorIndex } from '../vectorIndex.js';
import { estimateOf } from './estimateRecall.js';
import { drawSample, type RecallOptions, type RecallSample } from './sample.js';

export interface TuneEfOptions extends RecallOptions {
  /** Recall@k wanted, in (0, 1]. */
  readonly recall: number;
  /** Largest ef tried, whole, >= 1. Default: the number of points. */
  readonly maxEf?: number | undefined;
}

/** `recall`, `low` and `high` are those of queries that had no part in choosing ef. */
export interface TunedEf extends RecallEstimate {
  /** Whether the queries that chose ef have the recall wanted. If not, ef is the one among those tried that found most. */
  readonly reached: boolean;
  /** Whether `low` has it too, so that it is met at 95 % confidence. That takes 4.9 / (1 - recall) queries or more. */
  readonly assured: boolean;
}

/**
 * Makes the smallest ef that reaches a recall the default of the index, by doubling ef, then halving the gap, over one
 * sample whose exact neighbours are asked for once.
 *
 * Half of the queries (of `sample`, here 800 by default) choose ef and the other half report its recall: an ef chosen
 * for looking good looks better than it is on the queries that chose it. The reported recall therefore lies a little
 * below the one wanted about as often as above; for a margin ask for more, and see `assured`.
 *
 * Where nothing can be missed (estimateRecall says where) ef stays, recall is 1 and reached.
 * @throws DomainError for a recall outside (0, 1]; UsageError for bad numbers or fewer than 2 queries; ShapeError and
 *   DomainError for queries as VectorIndex.search
 */
export async function tuneEf(index: VectorIndex, options: TuneEfOptions): Promise<TunedEf> {
  const { recall: wanted, sample: size = 800, queries } = options;
  if (!(wanted > 0 && wanted <= 1)) {
    throw new DomainError(expectation('tuneEf recall', 'a number in (0, 1]', wanted, 'ask for 0.99, say'));
  }
  requireInteger(size, 2, 'tuneEf sample');
  const { maxEf = Math.max(1, index.size) } = options;
  requireInteger(maxEf, 1, 'tuneEf maxEf', 2 ** 31 - 2);
  const sample = await drawSample(index, { ...options, sample: size }, 'tuneEf');
  if (sample.count === 1) {
    throw new UsageError(expectation('tuneEf queries', 'at least 2', 1, 'one chooses ef, one reports'));
  }
  const half = sample.count >> 1;
  // A search raises ef to the neighbours that it is asked for, so that smaller ones are no others.
  const first = Math.min(maxEf, queries ? sample.k : sample.k + 1);
  const { ef, reached } =
    sample.count === 0
      ? { ef: index.stats().ef, reached: true }
      : await smallestEf((tried) => meanShare(sample, tried, half), wanted, first, maxEf);
  const estimate = await estimateOf(sample, ef, half);
  index.setEf(ef);
  index.noteRecall(estimate);
  return { ...estimate, reached, assured: estimate.low >= wanted };
}

/** Recall rises with ef but for noise, so that the ef found is the smallest one up to noise. */
async function smallestEf(
  recallAt: (ef: number) => Promise<number>,
  wanted: number,
  first: number,
  last: number,
): Promise<{ readonly ef: number; readonly reached: boolean }> {
  let best = { ef: first, recall: Number.NEGATIVE_INFINITY };
  let tooSmall = first - 1;
  let enough = first;
  for (; ; enough = Math.min(2 * enough, last)) {
    const recall = await recallAt(enough);
    if (recall >= wanted) break;
    if (recall > best.recall) best = { ef: enough, recall };
    if (enough === last) return { ef: best.ef, reached: false };
    tooSmall = enough;
  }
  while (enough - tooSmall > 1) {
    const middle = (tooSmall + enough) >> 1;
    if ((await recallAt(middle)) >= wanted) enough = middle;
    else tooSmall = middle;
  }
  return { ef: enough, reached: true };
}

async function meanShare(sample: RecallSample, ef: number, to: number): Promise<number> {
  const shares = await sample.sharesFound(ef, 0, to);
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
