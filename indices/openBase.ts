import { expectation, FormatError } from '../src/core/errors.js';
import { columnsOf } from '../src/core/space.js';
import type { Native, NativeGraph } from '../src/native/index.js';
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
 * @throws UsageError if there is no such file; FormatError for one that is damaged, foreign or of another
 *   version
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
  const graph = native.createGraph(space, settings);
  const index = new HnswIndex(space, settings, graph);
  try {
    const ids = await readIds(file);
    let row = 0;
    for await (const piece of file.reader.pieces('vectors', 4 * columns)) {
      const rows = requireVectors(space, new Float32Array(piece.buffer), 'vectors', row);
      await index.append(rows, ids.subarray(row, row + rows.rows));
      row += rows.rows;
    }
    const links = await readLinks(file, (scalars) => requireScalars(graph, scalars));
    await index.restore(links, unreachable);
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

/** Of the same vectors another processor may compute numbers that differ by a rounding. */
const ROUNDING = 1e-12;

/** @throws Error if the numbers of points are not those of their vectors */
async function requireScalars(graph: NativeGraph, stored: Float64Array): Promise<void> {
  if (stored.length === 0) return;
  const computed = new Float64Array(stored.length);
  await graph.read('scalars', 0, new Uint8Array(computed.buffer));
  const wrong = computed.findIndex(
    (value, i) => !(Math.abs(value - stored[i]) <= ROUNDING * Math.abs(value)),
  );
  if (wrong >= 0) throw new Error(`scalar ${wrong} is ${stored[wrong]} and not ${computed[wrong]}`);
}
