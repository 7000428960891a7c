import { expectation, FormatError } from '../src/core/errors.js';
import { columnsOf } from '../src/core/space.js';
import type { Native } from '../src/native/index.js';
import { nativeOrNotice } from './addonOrNot.js';
import { requireDistinct, requireIds, requireVectors } from './checks.js';
import { ExactIndex } from './exact/exactIndex.js';
import { SUMS } from './format/blocks.js';
import { type OpenedIndexFile, openIndexFile } from './format/indexFile.js';
import { readLinks } from './hnsw/graphBlocks.js';
import { HnswIndex } from './hnsw/hnswIndex.js';
import type { SavableIndex } from './journal/liveIndex.js';

/** What an index file holds, without the changes of its journal. */
export interface Base {
  readonly index: SavableIndex;
  /** Tells the content of the file from any other. */
  readonly id: Buffer;
  /** The id of the file that it replaced with all of its journal. */
  readonly follows: string | undefined;
}

/**
 * Reads and checks all of an index file.
 * @param exact leaves a graph aside
 * @throws UsageError if there is no such file; FormatError for one that is damaged, foreign or of another version
 */
export async function openBase(path: string, exact: boolean): Promise<Base> {
  const file = await openIndexFile(path);
  try {
    const native = nativeOrNotice();
    const graph = native && file.header.engine === 'hnsw' && !exact;
    const index = await (graph ? openGraph(native, file) : openExact(native, file));
    if (file.blocks.at(-1)?.name === SUMS) await file.reader.block(SUMS);
    return { index, id: file.reader.id, follows: file.header.follows };
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

async function openGraph(native: Native, file: OpenedIndexFile): Promise<SavableIndex> {
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

async function openExact(native: Native | undefined, file: OpenedIndexFile): Promise<SavableIndex> {
  const { space, settings, engine } = file.header;
  const ids = await readIds(file);
  requireDistinct(ids);
  const rows = requireVectors(space, new Float32Array(await file.reader.block('vectors')), 'vectors');
  // The links are not needed, but a file that was damaged there is not to be trusted either.
  if (engine === 'hnsw') await readLinks(file);
  return new ExactIndex(space, rows, ids, settings, native);
}

async function readIds({ reader }: OpenedIndexFile): Promise<BigInt64Array> {
  const ids = new BigInt64Array(await reader.block('ids'));
  requireIds(ids);
  return ids;
}
