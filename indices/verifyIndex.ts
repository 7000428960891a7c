import type { Space } from '../src/core/space.js';
import { openIndex } from './openIndex.js';
import { estimateRecall } from './recall/estimateRecall.js';
import type { RecallOptions } from './recall/sample.js';
import type { IndexStats, RecallEstimate } from './vectorIndex.js';

/** Of the recall estimate, whose queries are stored points. */
export type VerifyIndexOptions = Omit<RecallOptions, 'queries'>;

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
