import type { Space } from '../src/core/space.js';
import { openIndex } from './openIndex.js';
import { estimateRecall } from './recall/estimateRecall.js';
import type { IndexStats, RecallEstimate } from './vectorIndex.js';

export interface VerifyIndexOptions {
  /** Neighbours a query of the recall estimate asks for, whole, >= 1. Default 10. */
  readonly k?: number | undefined;
  /** Stored points drawn as its queries, at most; whole, >= 1. Default 400. */
  readonly sample?: number | undefined;
  /** Of that draw, 0..2^32-1. Default 1. */
  readonly seed?: number | undefined;
  /** Default: one a core. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface VerifiedIndex {
  readonly space: Space;
  /** Without the addon a graph is opened as `exact`: its checksum is checked then, its links are not. */
  readonly engine: IndexStats['engine'];
  readonly size: number;
  readonly columns: number;
  readonly ef: number;
  /** Stored points that a search for themselves (ef 50) does not return, counted anew. */
  readonly unreachable: number;
  /** At the file's own ef. */
  readonly recall: RecallEstimate;
}

/**
 * Reads all of an index file and checks it (every checksum, id, point and link), then asks the index itself.
 * @throws UsageError if there is no such file or for bad numbers; FormatError for any damage
 */
export async function verifyIndex(
  path: string,
  { signal, ...options }: VerifyIndexOptions = {},
): Promise<VerifiedIndex> {
  signal?.throwIfAborted();
  const index = await openIndex(path);
  try {
    const recall = await estimateRecall(index, { ...options, signal });
    signal?.throwIfAborted();
    const unreachable = await index.countUnreachable();
    const { space, size, columns } = index;
    const { engine, ef } = index.stats();
    return { space, engine, size, columns, ef, unreachable, recall };
  } finally {
    index.close();
  }
}
