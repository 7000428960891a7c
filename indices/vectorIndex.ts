import type { NeighborTable } from '../src/core/records.js';
import type { Space } from '../src/core/space.js';
import type { IdFilter } from './filter.js';

export interface SearchOptions {
  /** Candidates that the graph's walk keeps, whole, >= 1; raised to k. Default: stats().ef. No effect in `exact`. */
  readonly ef?: number;
  /** Compares with every point instead of walking the graph. Default false. */
  readonly exact?: boolean;
  /**
   * The points that may be returned; min(k, their number) are. Walks pass through the others too; where few are allowed,
   * the query is compared with each of these. Not to be changed until the promise settles. Default: all.
   */
  readonly filter?: IdFilter;
  /** Default: one a core. The result does not depend on it. */
  readonly threads?: number;
  /** Stops the search; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface RadiusOptions extends SearchOptions {
  /** At most so many a query, the nearest, whole, >= 1. Default: all. */
  readonly limit?: number;
}

/** Neighbours of several queries: those of query i are [starts[i], starts[i + 1]), ascending by distance, then id. */
export interface RadiusNeighbors {
  readonly ids: BigInt64Array;
  readonly distances: Float32Array;
  /** [queries + 1]. */
  readonly starts: Int32Array;
}

export interface IndexStats {
  readonly engine: 'exact' | 'hnsw' | 'hnswlib-node';
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
 * each other and with an `add`, of whose points they see those stored so far; additions, removals, save and
 * countUnreachable take place one after the other, in the order of the calls.
 */
export interface VectorIndex {
  readonly space: Space;
  /** Number of stored points. */
  readonly size: number;
  /** Numbers a vector has: columnsOf(space). */
  readonly columns: number;
  /**
   * Stores points. The arrays are copied before this returns.
   * @param ids whole numbers 0..2^63-1, new ones; undefined: numbers from `size` on or, if one of those is taken, from the
   *   greatest id + 1 on
   * @param vectors [n, columns], row-major
   * @throws ShapeError for another type or length; DomainError for no point of the space; UsageError for a bad id
   */
  add(ids: BigInt64Array | undefined, vectors: Float32Array): Promise<void>;
  /**
   * Stores other vectors under ids that are there. A search sees the old or the new one, never both and never none.
   * @throws as add; UsageError for an unknown id or one that occurs twice
   */
  update(ids: BigInt64Array, vectors: Float32Array): Promise<void>;
  /**
   * Removes points, all or none: no search that begins afterwards returns one. Who was linked to them is linked anew.
   * @throws ShapeError for another type; UsageError for an unknown id or one that occurs twice
   */
  remove(ids: BigInt64Array): Promise<void>;
  /** Gives back the memory of points that were removed; `save` does it too. Other answers are not changed by it. */
  compact(): Promise<void>;
  /**
   * The min(k, size) nearest of each query: ascending by float32 distance, ties by smaller id.
   * @param queries [n, columns], row-major; not to be changed until the promise settles
   * @param k whole, >= 1
   * @throws as add
   */
  search(queries: Float32Array, k: number, options?: SearchOptions): Promise<NeighborTable>;
  /**
   * The points at most `radius` from each query, as far as a search for as many nearest finds them.
   * @param radius as the space measures; nothing lies within a negative one, but for innerProduct
   * @throws as add; UsageError for more than 2^28 results
   */
  searchRadius(queries: Float32Array, radius: number, options?: RadiusOptions): Promise<RadiusNeighbors>;
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
