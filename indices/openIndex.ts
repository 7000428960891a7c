import { expectation, UsageError } from '../src/core/errors.js';
import { buildIndex } from './buildIndex.js';
import { openMapped } from './hnsw/openMapped.js';
import type { HnswlibNode } from './hnswlibNode/library.js';
import type { LiveVectorIndex } from './journal/liveVectorIndex.js';
import { openLive } from './journal/openLive.js';
import { openWithJournal } from './journal/replay.js';
import { openBase } from './openBase.js';
import type { VectorIndex } from './vectorIndex.js';

export interface OpenIndexOptions {
  /**
   * `exact` leaves the file's graph aside and compares with every point; `hnswlib-node` builds graphs of that
   * package over its points. Default: the engine of the file.
   */
  readonly engine?: 'exact' | 'hnswlib-node' | undefined;
  /** As for buildIndex. */
  readonly hnswlib?: HnswlibNode | undefined;
  /** As for buildIndex. */
  readonly bandWidth?: number | undefined;
  /**
   * true: every change is recorded beside the file and outlasts the process; this index is the file's only
   * writer until it is closed. Default false: changes stay in memory.
   */
  readonly journal?: boolean | undefined;
  /**
   * true: a graph is searched in the file's own memory, which processes share, and what is changed is copied.
   * Opening checks the header alone, the first use all checksums and links, so that damage shows there as
   * FormatError. That points are points of the space is what verifyIndex and opening without `map` check. The
   * file may be replaced meanwhile, but must not be cut or written in place. Default false: all is read and
   * checked at once.
   */
  readonly map?: boolean | undefined;
  /**
   * Of the vectors that searches walk on, kept in memory beside the mapped ones, which are read to rank what
   * a walk has kept: `bfloat16` takes half of float32's memory, `int8` a quarter and, for balls with points
   * far out, 16 bits a coordinate. Both need `map` and a euclidean, cosine, sphere or poincare space or a
   * product of these. Default `float32`: the vectors themselves.
   */
  readonly storage?: Storage | undefined;
}

export type Storage = 'float32' | 'bfloat16' | 'int8';

/**
 * Opens what VectorIndex.save wrote, after checking all of it, with the changes of its journal if there is
 * one. Without the addon a graph's points are searched exactly, and one line on stderr says so.
 * @throws UsageError if there is no such file; FormatError for one that is damaged, foreign or of another
 *   version, and for a damaged journal, naming the byte; with `journal` also StorageError if the file has a
 *   writer already or its folder cannot be written; with `journal` or `map` also MissingError without the
 *   addon
 */
export function openIndex(
  path: string,
  options: OpenIndexOptions & { readonly journal: true },
): Promise<LiveVectorIndex>;
export function openIndex(path: string, options?: OpenIndexOptions): Promise<VectorIndex>;
export async function openIndex(path: string, options: OpenIndexOptions = {}): Promise<VectorIndex> {
  const { engine, journal = false, map = false, storage = 'float32' } = options;
  if (engine !== undefined && engine !== 'exact' && engine !== 'hnswlib-node') {
    const engines = '"exact", "hnswlib-node" or nothing';
    throw new UsageError(expectation('openIndex engine', engines, engine, 'leave it out'));
  }
  for (const [name, value] of Object.entries({ journal, map })) {
    if (typeof value === 'boolean') continue;
    throw new UsageError(expectation(`openIndex ${name}`, 'true or false', value, 'leave it out'));
  }
  if (engine !== undefined && (journal || map)) {
    const remedy = journal ? 'a checkpoint would write the file without its graph' : 'points are not mapped';
    throw new UsageError(expectation('openIndex', 'the engine of the file', engine, remedy));
  }
  if (!['float32', 'bfloat16', 'int8'].includes(storage) || (storage !== 'float32' && !map)) {
    const kinds = '"float32", "bfloat16" or "int8", the last two with map';
    throw new UsageError(
      expectation('openIndex storage', kinds, storage, map ? 'choose one' : 'pass map: true'),
    );
  }
  if (engine === 'hnswlib-node') return openForHnswlibNode(path, options);
  const open = () => (map ? openMapped(path, storage) : openBase(path, engine === 'exact'));
  return journal ? openLive(path, open) : openWithJournal(path, open);
}

async function openForHnswlibNode(path: string, options: OpenIndexOptions): Promise<VectorIndex> {
  const points = await openIndex(path, { engine: 'exact' });
  const { m, efConstruction, ef, seed } = points.stats();
  const ids = points.ids();
  const vectors = points.get(ids);
  points.close();
  const { space } = points;
  const { hnswlib, bandWidth } = options;
  const settings = { m, efConstruction, ef, seed, hnswlib, bandWidth };
  return buildIndex({ engine: 'hnswlib-node', space, vectors, ids, ...settings });
}
