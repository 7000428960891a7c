import { expectation, FormatError, UsageError } from '../src/core/errors.js';
import { nativeOrNotice } from './addonOrNot.js';
import { requireDistinct, requireIds, requireVectors } from './checks.js';
import { ExactIndex } from './exact/exactIndex.js';
import { readIndexFile } from './format/indexFile.js';
import { HnswIndex } from './hnsw/hnswIndex.js';
import type { VectorIndex } from './vectorIndex.js';

export interface OpenIndexOptions {
  /** `exact` leaves the file's graph aside and compares with every point. Default: the engine of the file. */
  readonly engine?: 'exact' | undefined;
}

/**
 * Opens what VectorIndex.save wrote, after checking all of it. Without the addon a graph's points are searched
 * exactly, and one line on stderr says so.
 * @throws UsageError if there is no such file; FormatError for one that is damaged, foreign or of another version
 */
export async function openIndex(path: string, { engine }: OpenIndexOptions = {}): Promise<VectorIndex> {
  if (engine !== undefined && engine !== 'exact') {
    throw new UsageError(expectation('openIndex engine', '"exact" or nothing', engine, 'leave it out'));
  }
  const file = await readIndexFile(path);
  const { space, settings } = file;
  try {
    const rows = requireVectors(space, file.rows.data, 'vectors');
    const ids = requireIds(file.ids, rows.rows, 0);
    requireDistinct(ids);
    const native = nativeOrNotice();
    if (!native || !file.graph || engine === 'exact')
      return new ExactIndex(space, rows, ids, settings, native);
    return await HnswIndex.restore(native, space, rows, ids, settings, file.graph);
  } catch (cause) {
    const remedy = `restore it from a copy (${(cause as Error).message})`;
    throw new FormatError(expectation(`index ${path}`, 'contents that agree', 'something else', remedy), {
      cause,
    });
  }
}
