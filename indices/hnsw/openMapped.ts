import { expectation, FormatError, UsageError } from '../../src/core/errors.js';
import type { Space } from '../../src/core/space.js';
import type { Storage } from '../../src/native/index.js';
import { requireNative } from '../addonOrNot.js';
import { paddingAfter, SUMS } from '../format/blocks.js';
import { type OpenedIndexFile, openIndexFile } from '../format/indexFile.js';
import { asStorageError } from '../format/storageError.js';
import type { Base } from '../openBase.js';
import { FirstTouch } from './firstTouch.js';
import { HnswIndex } from './hnswIndex.js';

/**
 * Opens a graph whose memory is the file itself. Header and table of blocks are checked; checksums of blocks
 * and links when the index is first used.
 * @param storage of the vectors that searches walk on
 * @throws as openBase; UsageError for a file without a graph or of version 2, or a space without such
 *   storage; StorageError where it cannot be mapped; MissingError without the addon
 */
export async function openMapped(path: string, storage: Storage): Promise<Base> {
  const native = requireNative('openIndex map');
  const opened = await openIndexFile(path);
  const { header, blocks, reader } = opened;
  const { space, settings, engine, unreachable, count, entry } = header;
  try {
    if (storage !== 'float32') requireSmall(space);
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
    const index = new HnswIndex(space, settings, graph, new FirstTouch(path, graph, count, storage));
    index.noteUnreachable(unreachable);
    return { index, id: reader.id, follows: header.follows };
  } finally {
    await reader.close();
  }
}

function requireSmall(space: Space): void {
  if (space.kind === 'product') {
    for (const factor of space.factors) requireSmall(factor.space);
    return;
  }
  const ball = space.kind === 'stereographic' && space.curvature <= 0;
  if (ball || ['euclidean', 'cosine', 'sphere', 'poincare'].includes(space.kind)) return;
  const kinds = 'a euclidean, cosine, sphere or poincare space, or a product of these';
  throw new UsageError(expectation('openIndex storage', kinds, space.kind, 'leave it out'));
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
