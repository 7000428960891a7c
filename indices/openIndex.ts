import { expectation, FormatError, UsageError } from '../src/core/errors.js';
import { columnsOf } from '../src/core/space.js';
import type { Native } from '../src/native/index.js';
import { nativeOrNotice } from './addonOrNot.js';
import { buildIndex } from './buildIndex.js';
import { requireDistinct, requireIds, requireVectors } from './checks.js';
import { ExactIndex } from './exact/exactIndex.js';
import { type OpenedIndexFile, openIndexFile } from './format/indexFile.js';
import { readLinks } from './hnsw/graphBlocks.js';
import { HnswIndex } from './hnsw/hnswIndex.js';
import type { HnswlibNode } from './hnswlibNode/library.js';
import type { VectorIndex } from './vectorIndex.js';

export interface OpenIndexOptions {
  /**
   * `exact` leaves the file's graph aside and compares with every point; `hnswlib-node` builds graphs of that package over
   * its points. Default: the engine of the file.
   */
  readonly engine?: 'exact' | 'hnswlib-node' | undefined;
  /** As for buildIndex. */
  readonly hnswlib?: HnswlibNode | undefined;
  /** As for buildIndex. */
  readonly bandWidth?: number | undefined;
}

/**
 * Opens what VectorIndex.save wrote, after checking all of it. Without the addon a graph's points are searched
 * exactly, and one line on stderr says so.
 * @throws UsageError if there is no such file; FormatError for one that is damaged, foreign or of another version
 */
export async function openIndex(path: string, options: OpenIndexOptions = {}): Promise<VectorIndex> {
  const { engine } = options;
  if (engine === 'hnswlib-node') return openForHnswlibNode(path, options);
  if (engine !== undefined && engine !== 'exact') {
    const engines = '"exact", "hnswlib-node" or nothing';
    throw new UsageError(expectation('openIndex engine', engines, engine, 'leave it out'));
  }
  const file = await openIndexFile(path);
  try {
    const native = nativeOrNotice();
    if (native && file.header.engine === 'hnsw' && engine !== 'exact') return await openGraph(native, file);
    return await openExact(native, file);
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    const remedy = `restore it from a copy (${(cause as Error).message})`;
    throw new FormatError(expectation(`index ${path}`, 'contents that agree', 'something else', remedy), {
      cause,
    });
  } finally {
    await file.reader.close();
  }
}

async function openGraph(native: Native, file: OpenedIndexFile): Promise<VectorIndex> {
  const { space, settings, unreachable } = file.header;
  const columns = columnsOf(space);
  const index = new HnswIndex(space, settings, native.createGraph(space, settings));
  try {
    const ids = await readIds(file);
    let row = 0;
    for await (const piece of file.reader.pieces('vectors', 4 * columns)) {
      const rows = requireVectors(space, new Float32Array(piece.buffer), 'vectors', row);
      await index.append(rows, ids.subarray(row, row + rows.rows));
      row += rows.rows;
    }
    await index.restore(await readLinks(file), unreachable);
    return index;
  } catch (error) {
    index.close();
    throw error;
  }
}

async function openExact(native: Native | undefined, file: OpenedIndexFile): Promise<VectorIndex> {
  const { space, settings, engine } = file.header;
  const ids = await readIds(file);
  requireDistinct(ids);
  const rows = requireVectors(space, new Float32Array(await file.reader.block('vectors')), 'vectors');
  // The links are not needed, but a file that was damaged there is not to be trusted either.
  if (engine === 'hnsw') await readLinks(file);
  return new ExactIndex(space, rows, ids, settings, native);
}

async function openForHnswlibNode(path: string, options: OpenIndexOptions): Promise<VectorIndex> {
  const points = await openIndex(path, { engine: 'exact' });
  const { m, efConstruction, ef, seed } = points.stats();
  const ids = points.ids();
  const vectors = points.get(ids);
  points.close();
  const { space } = points;
  return buildIndex({ ...options, engine: 'hnswlib-node', space, vectors, ids, m, efConstruction, ef, seed });
}

async function readIds({ reader }: OpenedIndexFile): Promise<BigInt64Array> {
  const ids = new BigInt64Array(await reader.block('ids'));
  requireIds(ids);
  return ids;
}
