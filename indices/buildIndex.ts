import { requireInteger, requirePositive } from '../src/core/checks.js';
import { expectation, UsageError } from '../src/core/errors.js';
import type { Matrix32 } from '../src/core/matrix.js';
import { columnsOf, parseSpace, type Space } from '../src/core/space.js';
import { nativeOrNotice, requireNative } from './addonOrNot.js';
import { requireDistinct, requireIdCount, requireIds, requireVectors, rowNumbers } from './checks.js';
import { ExactIndex } from './exact/exactIndex.js';
import { HnswIndex } from './hnsw/hnswIndex.js';
import { HnswlibNodeIndex } from './hnswlibNode/hnswlibNodeIndex.js';
import { type HnswlibNode, requireHnswlibNode } from './hnswlibNode/library.js';
import { RowStore } from './rowStore.js';
import type { BuildStage, IndexSettings, VectorIndex } from './vectorIndex.js';

/** Points that hnswlib-node gets between two looks at the signal. */
const TURN_ROWS = 1024;

export interface BuildIndexOptions {
  readonly space: Space;
  /**
   * [n, columnsOf(space)], row-major, or such arrays one after the other, for more than fits into memory twice. Copied,
   * but not to be changed until the promise settles.
   */
  readonly vectors: Float32Array | Iterable<Float32Array> | AsyncIterable<Float32Array>;
  /** Whole numbers 0..2^63-1, each once. Default: row numbers. */
  readonly ids?: BigInt64Array | undefined;
  /**
   * `hnsw` needs the addon, `hnswlib-node` the optional package of that name; it serves no products, runs on the event loop
   * in turns, and hyperbolic spaces by bands of radius. Default: `hnsw` with the addon, without it `exact` and one line on
   * stderr.
   */
  readonly engine?: 'hnsw' | 'exact' | 'hnswlib-node' | undefined;
  /** For `hnswlib-node`: the module, if the caller has loaded it. Default: the installed package. */
  readonly hnswlib?: HnswlibNode | undefined;
  /** For `hnswlib-node` in a hyperbolic space: of a band, in the unit of distances, > 0. Default 1/√-K. */
  readonly bandWidth?: number | undefined;
  /** Links a node keeps, 2..512; twice as many on the lowest level. Default 16. */
  readonly m?: number | undefined;
  /** Candidates considered for a new node's links, 1..1000000. Default 200. */
  readonly efConstruction?: number | undefined;
  /** Default of a search's ef, >= 1. Default 64. */
  readonly ef?: number | undefined;
  /** Of insertion order and levels, 0..2^32-1. Default 1. */
  readonly seed?: number | undefined;
  /** Default: one a core. The graph does not depend on it. */
  readonly threads?: number | undefined;
  /** Called with the number of points inserted so far, and n; then with the number of points looked for. */
  readonly onProgress?: ((done: number, total: number, stage: BuildStage) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @throws ShapeError, DomainError, UsageError for bad arguments, naming them; MissingError for `hnsw` without the addon
 */
export async function buildIndex(options: BuildIndexOptions): Promise<VectorIndex> {
  const space = parseSpace(options.space);
  const settings = settingsOf(options);
  const { vectors, engine, threads, signal, onProgress } = options;
  if (threads !== undefined) requireInteger(threads, 1, 'buildIndex threads');
  if (options.ids !== undefined) requireIds(options.ids);
  const ids = options.ids?.slice();
  if (engine !== undefined && engine !== 'hnsw' && engine !== 'exact' && engine !== 'hnswlib-node') {
    const engines = '"hnsw", "exact" or "hnswlib-node"';
    throw new UsageError(expectation('buildIndex engine', engines, engine, 'choose one of them'));
  }
  signal?.throwIfAborted();
  if (engine === 'hnswlib-node') return buildHnswlibNode(space, settings, options, ids);
  const native = engine === 'hnsw' ? requireNative('buildIndex engine "hnsw"') : nativeOrNotice();
  if (!native || engine === 'exact') {
    const store = new RowStore(columnsOf(space));
    for await (const part of partsOf(space, vectors, ids, signal)) store.append(part.rows, part.ids);
    requireDistinct(store.ids);
    return new ExactIndex(space, store.rows, store.ids, settings, native);
  }
  const index = new HnswIndex(space, settings, native.createGraph(space, settings));
  try {
    let total = 0;
    for await (const part of partsOf(space, vectors, ids, signal)) {
      await index.append(part.rows, part.ids);
      total += part.rows.rows;
    }
    const report = onProgress && ((done: number, stage: BuildStage) => onProgress(done, total, stage));
    await index.build({ threads, signal, onProgress: report });
    return index;
  } catch (error) {
    index.close();
    throw error;
  }
}

async function buildHnswlibNode(
  space: Space,
  settings: IndexSettings,
  { vectors, hnswlib, bandWidth, signal, onProgress }: BuildIndexOptions,
  ids: BigInt64Array | undefined,
): Promise<VectorIndex> {
  if (bandWidth !== undefined) requirePositive(bandWidth, 'buildIndex bandWidth');
  const index = new HnswlibNodeIndex(space, settings, requireHnswlibNode(hnswlib), bandWidth);
  if (ids) requireDistinct(ids);
  for await (const part of partsOf(space, vectors, ids, signal)) {
    for (let from = 0; from < part.rows.rows; from += TURN_ROWS) {
      signal?.throwIfAborted();
      const to = Math.min(part.rows.rows, from + TURN_ROWS);
      const data = part.rows.data.subarray(from * part.rows.columns, to * part.rows.columns);
      await index.insert(part.ids.subarray(from, to), { ...part.rows, data, rows: to - from });
      onProgress?.(index.size, index.size, 'insert');
    }
  }
  return index;
}

/** Checked vectors with their ids. */
async function* partsOf(
  space: Space,
  vectors: BuildIndexOptions['vectors'],
  ids: BigInt64Array | undefined,
  signal: AbortSignal | undefined,
): AsyncIterable<{ rows: Matrix32; ids: BigInt64Array }> {
  const who = 'buildIndex vectors';
  const streamed = !ArrayBuffer.isView(vectors) && isIterable(vectors);
  let row = 0;
  for await (const part of streamed ? vectors : [vectors as Float32Array]) {
    signal?.throwIfAborted();
    const checked = requireVectors(space, part, who, row);
    const end = row + checked.rows;
    if (ids && ids.length < end) requireIdCount(ids, end);
    yield { rows: checked, ids: ids?.subarray(row, end) ?? rowNumbers(row, checked.rows) };
    row = end;
  }
  if (ids) requireIdCount(ids, row);
}

function isIterable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}

function settingsOf({ m = 16, efConstruction = 200, ef = 64, seed = 1 }: BuildIndexOptions): IndexSettings {
  requireInteger(m, 2, 'buildIndex m', 512);
  requireInteger(efConstruction, 1, 'buildIndex efConstruction', 1_000_000);
  requireInteger(ef, 1, 'buildIndex ef', 2 ** 31 - 2);
  requireInteger(seed, 0, 'buildIndex seed', 2 ** 32 - 1);
  return { m, efConstruction, ef, seed };
}
