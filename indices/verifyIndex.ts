import type { Space } from '../src/core/space.js';
import { openIndex } from './openIndex.js';
import { estimateRecall } from './recall/estimateRecall.js';
import type { RecallOptions } from './recall/sample.js';
import { type RepairReport, repairIndex } from './repair/repairIndex.js';
import type { IndexStats, RecallEstimate } from './vectorIndex.js';

/** Of the recall estimate, whose queries are stored points. */
export interface VerifyIndexOptions extends Omit<RecallOptions, 'queries'> {
  /** First repairs what is damaged in the file and its journal; default false. */
  readonly repair?: boolean | undefined;
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
  /** What was repaired; undefined if nothing was to be. */
  readonly repaired: RepairReport | undefined;
}

/**
 * Reads all of an index file and of its journal and checks it (every checksum, id, point and link), then asks
 * the index itself.
 * @throws UsageError if there is no such file or for bad numbers; FormatError for any damage, with `repair`
 *   for a header that is damaged, and StorageError where the file has a writer or cannot be replaced
 */
export async function verifyIndex(
  path: string,
  { signal, repair = false, ...options }: VerifyIndexOptions = {},
): Promise<VerifiedIndex> {
  signal?.throwIfAborted();
  const repaired = repair ? await repairIndex(path) : undefined;
  const index = await openIndex(path);
  try {
    const recall = await estimateRecall(index, { ...options, signal });
    signal?.throwIfAborted();
    const unreachable = await index.countUnreachable();
    const { space, size, columns } = index;
    const { engine, ef } = index.stats();
    return { space, engine, size, columns, ef, unreachable, recall, repaired };
  } finally {
    index.close();
  }
}
