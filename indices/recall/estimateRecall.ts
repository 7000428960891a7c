import { requireInteger } from '../../src/core/checks.js';
import type { RecallEstimate, VectorIndex } from '../vectorIndex.js';
import { meanInterval } from './interval.js';
import { drawSample, type RecallOptions, type RecallSample } from './sample.js';

export interface EstimateRecallOptions extends RecallOptions {
  /** Width of the search, whole, >= 1. Default: stats().ef. */
  readonly ef?: number | undefined;
}

/**
 * Recall@k: the share of a query's exact k nearest that a search at `ef` finds, as the mean over sampled queries. Of
 * points at the same distance any will do.
 *
 * The 95 % interval is about all queries of the kind sampled: in 95 of 100 samples, or more, it holds their mean recall.
 * It is not narrowed when the sample is every stored point. Without `queries` the kind is stored points (`sample` of
 * them, default 400), each compared with all others by asking for k + 1; the graph was built around them, so queries
 * from elsewhere may find less: pass some of your own.
 *
 * An exact index, and one that has nothing but the query itself, miss nothing: recall, low and high are 1, queries 0.
 * The estimate is kept for stats().
 * @throws UsageError for bad numbers or no queries; ShapeError and DomainError for queries as VectorIndex.search
 */
export async function estimateRecall(
  index: VectorIndex,
  options: EstimateRecallOptions = {},
): Promise<RecallEstimate> {
  const { ef = index.stats().ef } = options;
  requireInteger(ef, 1, 'estimateRecall ef', 2 ** 31 - 2);
  const estimate = await estimateOf(await drawSample(index, options, 'estimateRecall'), ef);
  index.noteRecall(estimate);
  return estimate;
}

/** From the sample's queries `from` on. */
export async function estimateOf(sample: RecallSample, ef: number, from = 0): Promise<RecallEstimate> {
  const { k, count } = sample;
  if (count === 0) return { k, ef, recall: 1, low: 1, high: 1, queries: 0 };
  const { mean, low, high } = meanInterval(await sample.sharesFound(ef, from));
  return { k, ef, recall: mean, low, high, queries: count - from };
}
