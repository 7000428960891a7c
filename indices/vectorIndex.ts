import type { NeighborTable } from '../src/core/records.js';
import type { Space } from '../src/core/space.js';

export interface SearchOptions {
  /** Candidates that the graph's walk keeps, whole, >= 1; raised to k. Default: stats().ef. No effect in `exact`. */
  readonly ef?: number;
  /** Compares with every point instead of walking the graph. Default false. */
  readonly exact?: boolean;
  /** Default: one a core. The result does not depend on it. */
  readonly threads?: number;
  /** Stops the search; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface IndexStats {
  readonly engine: 'exact' | 'hnsw';
  /** Number of stored points. */
  readonly size: number;
  /** Default of SearchOptions.ef. */
  readonly ef: number;
  readonly m: number;
  readonly efConstruction: number;
  readonly seed: number;
  /**
   * Stored points that a search for themselves (ef 50) does not return; undefined once points were added and not all
   * were looked at again: countUnreachable() tells.
   */
  readonly unreachable: number | undefined;
  /** The last estimate of estimateRecall or tuneEf; undefined before. Always 1 in `exact`, and never estimated. */
  readonly recall: RecallEstimate | undefined;
  /** Memory of points, ids and links. */
  readonly bytes: number;
  /** Distances computed by searches since the index was built or opened; 0 where they are not counted. */
  readonly distances: number;
}

/** Share of the exact k nearest that a search finds, from sampled queries. */
export interface RecallEstimate {
  readonly k: number;
  readonly ef: number;
  /** 0..1. */
  readonly recall: number;
  /** Ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** Number of sampled queries. */
  readonly queries: number;
}

/**
 * Points of one space under ids, and their nearest neighbours. Work runs off the event loop. Searches may overlap with
 * each other and with an `add`, of whose points they see those stored so far; additions, save and countUnreachable take
 * place one after the other, in the order of the calls.
 */
export interface VectorIndex {
  readonly space: Space;
  /** Number of stored points. */
  readonly size: number;
  /** Numbers a vector has: columnsOf(space). */
  readonly columns: number;
  /**
   * Stores points. The arrays are copied before this returns.
   * @param ids whole numbers 0..2^63-1, new ones; undefined: row numbers from `size` on
   * @param vectors [n, columns], row-major
   * @throws ShapeError for another type or length; DomainError for no point of the space; UsageError for a bad id
   */
  add(ids: BigInt64Array | undefined, vectors: Float32Array): Promise<void>;
  /**
   * The min(k, size) nearest of each query: ascending by float32 distance, ties by smaller id.
   * @param queries [n, columns], row-major; not to be changed until the promise settles
   * @param k whole, >= 1
   * @throws as add
   */
  search(queries: Float32Array, k: number, options?: SearchOptions): Promise<NeighborTable>;
  /** A copy of all ids. */
  ids(): BigInt64Array;
  /** The vectors stored under these ids, in their order, as they were added. @throws UsageError naming an unknown id */
  get(ids: BigInt64Array): Float32Array;
  /** Sets the default of a search's ef, whole, >= 1; saved with the index. */
  setEf(ef: number): void;
  /** Keeps an estimate for stats(). */
  noteRecall(estimate: RecallEstimate): void;
  stats(): IndexStats;
  /** Searches for every stored point and counts those that are not returned; 0 in `exact`. */
  countUnreachable(): Promise<number>;
  /**
   * Searches for every stored point, links anew those that are not returned, and counts what is missed even so. A build
   * ends with this; `add` looks at its own points and some others, in a tree one in ten thousand may escape it for a while.
   */
  repair(): Promise<number>;
  /** Writes one file, whole or not at all, and its folder if need be, after a repair if points were added. */
  save(path: string): Promise<void>;
  /** Frees the memory; running calls end well, later ones throw UsageError. */
  close(): void;
}

/** Points are inserted into the graph; then each is searched for, and what is not found is linked again. */
export type BuildStage = 'insert' | 'check';

/** What build and file agree on beside the points. */
export interface IndexSettings {
  readonly ef: number;
  readonly m: number;
  readonly efConstruction: number;
  readonly seed: number;
}
