import { expectation, FormatError, UsageError } from '../../src/core/errors.js';
import { requireNative } from '../addonOrNot.js';
import { paddingAfter, SUMS } from '../format/blocks.js';
import { type OpenedIndexFile, openIndexFile } from '../format/indexFile.js';
import { asStorageError } from '../format/storageError.js';
import type { Base } from '../openBase.js';
import { FirstTouch } from './firstTouch.js';
import { HnswIndex } from './hnswIndex.js';

/**
 * Opens a graph whose memory is the file itself. Header and table of blocks are checked; checksums of blocks and links when
 * the index is first used.
 * @throws as openBase; UsageError for a file without a graph or of version 2; StorageError where it cannot be mapped;
 *   MissingError without the addon
 */
export async function openMapped(path: string): Promise<Base> {
  const native = requireNative('openIndex map');
  const opened = await openIndexFile(path);
  const { header, blocks, reader } = opened;
  const { space, settings, engine, unreachable, count, entry } = header;
  try {
    if (engine !== 'hnsw' || blocks.at(-1)?.name !== SUMS) {
      const remedy = engine === 'hnsw' ? 'open it without map and save it again' : 'open it without map';
      throw new UsageError(expectation(`index ${path}`, 'a graph of file version 3', 'another file', remedy));
    }
    const { file, size } = reader.descriptor;
    const graph = native.createGraph(space, settings);
    try {
      graph.map(file, { size, layout: layoutOf(opened), rows: count, entry });
    } catch (cause) {
      graph.close();
      throw notMapped(path, cause as Error);
    }
    const index = new HnswIndex(space, settings, graph, new FirstTouch(path, graph, count));
    index.noteUnreachable(unreachable);
    return { index, id: reader.id, follows: header.follows };
  } finally {
    await reader.close();
  }
}

/** Where each block begins, and its bytes. */
function layoutOf({ blocks, start }: OpenedIndexFile): [number, number][] {
  let at = start;
  return blocks.map(({ bytes }) => {
    at += paddingAfter(at);
    const place: [number, number] = [at, bytes];
    at += bytes;
    return place;
  });
}

function notMapped(path: string, cause: Error): Error {
  // The addon's own checks are RangeErrors: a header that is whole but says what no file of ours says.
  if (!(cause instanceof RangeError))
    return asStorageError(`index ${path}`, 'a file that can be mapped', cause);
  return new FormatError(
    expectation(`index ${path}`, 'blocks that agree', cause.message, 'restore it from a copy'),
    { cause },
  );
}
