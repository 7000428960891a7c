import { expectation, UsageError } from '../src/core/errors.js';
import type { LiveVectorIndex } from './journal/liveIndex.js';
import { openLive } from './journal/openLive.js';
import { openWithJournal } from './journal/replay.js';
import { openBase } from './openBase.js';
import type { VectorIndex } from './vectorIndex.js';

export interface OpenIndexOptions {
  /** `exact` leaves the file's graph aside and compares with every point. Default: the engine of the file. */
  readonly engine?: 'exact' | undefined;
  /**
   * true: every change is recorded beside the file and outlasts the process; this index is the file's only writer until
   * it is closed. Default false: changes stay in memory.
   */
  readonly journal?: boolean | undefined;
}

/**
 * Opens what VectorIndex.save wrote, after checking all of it, with the changes of its journal if there is one. Without
 * the addon a graph's points are searched exactly, and one line on stderr says so.
 * @throws UsageError if there is no such file; FormatError for one that is damaged, foreign or of another version, and for
 *   a damaged journal, naming the byte; with `journal` also StorageError if the file has a writer already or its folder
 *   cannot be written, and MissingError without the addon
 */
export function openIndex(
  path: string,
  options: OpenIndexOptions & { readonly journal: true },
): Promise<LiveVectorIndex>;
export function openIndex(path: string, options?: OpenIndexOptions): Promise<VectorIndex>;
export async function openIndex(
  path: string,
  { engine, journal = false }: OpenIndexOptions = {},
): Promise<VectorIndex> {
  if (engine !== undefined && engine !== 'exact') {
    throw new UsageError(expectation('openIndex engine', '"exact" or nothing', engine, 'leave it out'));
  }
  if (typeof journal !== 'boolean') {
    throw new UsageError(expectation('openIndex journal', 'true or false', journal, 'leave it out'));
  }
  if (!journal) return openWithJournal(path, () => openBase(path, engine === 'exact'));
  if (engine === 'exact') {
    const remedy = 'a checkpoint would write the file without its graph';
    throw new UsageError(expectation('openIndex', 'the engine of the file with a journal', engine, remedy));
  }
  return openLive(path, () => openBase(path, false));
}
