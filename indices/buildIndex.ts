import { requireInteger } from '../src/core/checks.js';
import { expectation, UsageError } from '../src/core/errors.js';
import { parseSpace, type Space } from '../src/core/space.js';
import { nativeOrNotice, requireNative } from './addonOrNot.js';
import { requireDistinct, requireIds, requireVectors } from './checks.js';
import { ExactIndex } from './exact/exactIndex.js';
import { HnswIndex } from './hnsw/hnswIndex.js';
import type { IndexSettings, VectorIndex } from './vectorIndex.js';

export interface BuildIndexOptions {
  readonly space: Space;
  /** [n, columnsOf(space)], row-major; copied. */
  readonly vectors: Float32Array;
  /** Whole numbers 0..2^63-1, each once. Default: row numbers. */
  readonly ids?: BigInt64Array | undefined;
  /** `hnsw` needs the addon. Default: `hnsw` with the addon, without it `exact` and one line on stderr. */
  readonly engine?: 'hnsw' | 'exact' | undefined;
  /** Links a node keeps, 2..512; twice as many on the lowest level. Default 16. */
  readonly m?: number | undefined;
  /** Candidates considered for a new node's links, 1..1000000. Default 200. */
  readonly efConstruction?: number | undefined;
  /** Default of a search's ef, >= 1. Default 64. */
  readonly ef?: number | undefined;
  /** Of insertion order and levels, 0..2^32-1. Default 1. */
  readonly seed?: number | undefined;
  /** For the search for lost points; links are made on one, so that they depend on the seed alone. Default: all cores. */
  readonly threads?: number | undefined;
  /** Called with the number of points inserted so far, and n. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @throws ShapeError, DomainError, UsageError for bad arguments, naming them; MissingError for `hnsw` without the addon
 */
export async function buildIndex(options: BuildIndexOptions): Promise<VectorIndex> {
  const space = parseSpace(options.space);
  const settings = settingsOf(options);
  if (options.threads !== undefined) requireInteger(options.threads, 1, 'buildIndex threads');
  const rows = requireVectors(space, options.vectors, 'buildIndex vectors');
  const ids = requireIds(options.ids, rows.rows, 0);
  requireDistinct(ids);
  const copy = { ...rows, data: rows.data.slice() };
  const { engine, threads, signal, onProgress } = options;
  if (engine !== undefined && engine !== 'hnsw' && engine !== 'exact') {
    throw new UsageError(expectation('buildIndex engine', '"hnsw" or "exact"', engine, 'choose one of them'));
  }
  signal?.throwIfAborted();
  const native = engine === 'hnsw' ? requireNative('buildIndex engine "hnsw"') : nativeOrNotice();
  if (!native || engine === 'exact') return new ExactIndex(space, copy, ids, settings, native);
  return HnswIndex.build(native, space, copy, ids, settings, {
    threads,
    signal,
    onProgress: onProgress && ((done) => onProgress(done, rows.rows)),
  });
}

function settingsOf({ m = 16, efConstruction = 200, ef = 64, seed = 1 }: BuildIndexOptions): IndexSettings {
  requireInteger(m, 2, 'buildIndex m', 512);
  requireInteger(efConstruction, 1, 'buildIndex efConstruction', 1_000_000);
  requireInteger(ef, 1, 'buildIndex ef', 2 ** 31 - 2);
  requireInteger(seed, 0, 'buildIndex seed', 2 ** 32 - 1);
  return { m, efConstruction, ef, seed };
}
