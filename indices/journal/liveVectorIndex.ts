import type { VectorIndex } from '../vectorIndex.js';

/** An index whose changes outlast the process: see openIndex. */
export interface LiveVectorIndex extends VectorIndex {
  /** What has been changed since the last checkpoint. */
  readonly journal: { readonly bytes: number; readonly batches: number };
  /**
   * Writes the index with all its changes in the place of its file and begins an empty journal. Searches go
   * on; changes wait. Nothing is lost if the process is killed meanwhile.
   * @throws StorageError if the system refuses; the old file and its journal stay
   */
  checkpoint(): Promise<void>;
  /** Ends when the changes that were called before it are done, and lets another writer in. */
  close(): Promise<void>;
}
