/**
 * What is asked of a side, one JSON line at a time; it answers with one JSON line each. Every side runs in a process of
 * its own: ours too.
 */
export type Question =
  | Opening
  | { readonly task: 'build'; readonly threads: number }
  | Search
  | { readonly task: 'count'; readonly ef: number }
  | { readonly task: 'missed'; readonly ef: number };

export interface Opening {
  readonly task: 'open';
  /** Files of float32, row-major, in rows of `columns`. */
  readonly vectors: string;
  readonly queries: string;
  readonly columns: number;
  /** The space as JSON: ours alone reads it. */
  readonly space: unknown;
  /** See codeOf; empty: squared L2. */
  readonly parts: readonly number[];
  readonly m: number;
  readonly efConstruction: number;
  readonly seed: number;
  readonly k: number;
}

/** All queries in one call (or one after the other), again and again until the seconds have passed, at least once. */
export interface Search {
  readonly task: 'search';
  readonly ef: number;
  readonly threads: number;
  /** Not counted, so that caches, compilers and clocks are warm; 0 or more. */
  readonly warmUp: number;
  /** Counted; 0: only the neighbours are wanted. */
  readonly seconds: number;
}

export interface Opened {
  /** Name and version. */
  readonly version: string;
}

export interface Built {
  readonly seconds: number;
  /** Bytes by which the process grew, the vectors being in memory before; 0 or less: not known. Later builds use what the first gave back. */
  readonly resident: number;
  /** Bytes that the index itself states. */
  readonly stated?: number;
}

export interface Searched {
  /** Queries a second; 0 where not timed. */
  readonly perSecond: number;
  /** Rows of the k nearest of each query, [queries * k]. */
  readonly neighbors: readonly number[];
}

export interface Counted {
  /** Distances computed for a query, on average; null: this side does not count them. */
  readonly distances: number | null;
}

export interface Missed {
  /** Stored points that a search for themselves does not return. */
  readonly missed: number;
}
