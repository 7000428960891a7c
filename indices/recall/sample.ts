import { requireInteger } from '../../src/core/checks.js';
import { expectation, UsageError } from '../../src/core/errors.js';
import { takeRows } from '../../src/core/matrix.js';
import type { NeighborTable } from '../../src/core/records.js';
import { Rng } from '../../src/core/rng.js';
import { requireVectors } from '../checks.js';
import type { VectorIndex } from '../vectorIndex.js';

export interface RecallOptions {
  /** Neighbours a query asks for, whole, >= 1. Default 10. */
  readonly k?: number | undefined;
  /** [n, columns], row-major, n >= 1: as many as there are, of the kind to come. Default: stored points. */
  readonly queries?: Float32Array | undefined;
  /** Without `queries`: number of stored points drawn, whole, >= 1; all if there are no more. */
  readonly sample?: number | undefined;
  /** Of the draw and the order of queries, 0..2^32-1. Default 1. */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: one a core. The result does not depend on it. */
  readonly threads?: number | undefined;
}

/** Queries in random order, and what an exact search says of them. */
export interface RecallSample {
  readonly k: number;
  /** Number of queries; 0 where there is nothing that a search could miss, and nothing was asked. */
  readonly count: number;
  /**
   * For each query of [from, to), the share of its min(k, others) nearest that a search at `ef` finds, 0..1. What is
   * found counts if it is as near as the farthest of the nearest, so that of points at one distance any will do.
   */
  sharesFound(ef: number, from?: number, to?: number): Promise<Float64Array>;
}

/**
 * Draws queries and asks for their exact neighbours, once. A stored point is compared with all others: k + 1
 * neighbours are asked for and itself is left out, wherever it comes (under an inner product it need not be first).
 * @throws UsageError for bad numbers or no queries; ShapeError and DomainError for queries as VectorIndex.search
 */
export async function drawSample(
  index: VectorIndex,
  { k = 10, queries, sample = 400, seed = 1, signal, threads }: RecallOptions,
  who: string,
): Promise<RecallSample> {
  requireInteger(k, 1, `${who} k`, 2 ** 31 - 3);
  requireInteger(sample, 1, `${who} sample`);
  if (threads !== undefined) requireInteger(threads, 1, `${who} threads`);
  const rng = new Rng(seed).split('recall');
  const given = queries && requireVectors(index.space, queries, `${who} queries`);
  if (given?.rows === 0) {
    throw new UsageError(expectation(`${who} queries`, 'at least one', 0, 'leave them out or pass some'));
  }
  signal?.throwIfAborted();
  const nothingToMiss = index.stats().engine === 'exact' || index.size < (given ? 1 : 2);
  if (nothingToMiss) return { k, count: 0, sharesFound: async () => new Float64Array(0) };

  const { vectors, own } = given
    ? { vectors: takeRows(given, rng.permutation(given.rows)).data, own: undefined }
    : stored(index, sample, rng);
  const { columns } = index;
  const depth = own ? k + 1 : k;
  const run = { ...(signal && { signal }), ...(threads !== undefined && { threads }) };
  const truth = others(await index.search(vectors, depth, { ...run, exact: true }), k, own);
  return {
    k,
    count: truth.length,
    async sharesFound(ef, from = 0, to = truth.length) {
      const part = vectors.subarray(from * columns, to * columns);
      const found = others(await index.search(part, depth, { ...run, ef }), k, own?.subarray(from, to));
      return Float64Array.from(found, (distances, i) => {
        const nearest = truth[from + i];
        const farthest = nearest[nearest.length - 1];
        return distances.filter((distance) => distance <= farthest).length / nearest.length;
      });
    },
  };
}

/** Distances of the first k neighbours of each query that are not the query's own point. */
function others(
  { ids, distances, rows, k: depth }: NeighborTable,
  k: number,
  own: BigInt64Array | undefined,
): number[][] {
  return Array.from({ length: rows }, (_, i) => {
    const kept: number[] = [];
    for (let at = i * depth; at < (i + 1) * depth && kept.length < k; at++) {
      if (ids[at] >= 0n && ids[at] !== own?.[i]) kept.push(distances[at]);
    }
    return kept;
  });
}

/** Stored points, and the ids under which they are stored. */
function stored(index: VectorIndex, sample: number, rng: Rng) {
  const all = index.ids();
  const own = BigInt64Array.from(drawn(all.length, Math.min(sample, all.length), rng), (i) => all[i]);
  return { vectors: index.get(own), own };
}

/**
 * `count` different whole numbers below n, in random order; memory for `count`.
 * @source Bentley and Floyd 1987, "A sample of brilliance", Communications of the ACM 30(9)
 */
function drawn(n: number, count: number, rng: Rng): number[] {
  const chosen = new Set<number>();
  for (let last = n - count; last < n; last++) {
    const candidate = rng.below(last + 1);
    chosen.add(chosen.has(candidate) ? last : candidate);
  }
  return rng.shuffle([...chosen]);
}
