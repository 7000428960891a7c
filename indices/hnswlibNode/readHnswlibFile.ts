import { expectation, FormatError } from '../../src/core/errors.js';
import { readFileBytes } from '../../src/core/files.js';

/** What an index file of hnswlib holds beside its links. */
export interface HnswlibFile {
  /** Labels, in the order in which the points were added. */
  readonly ids: BigInt64Array;
  /** [ids, columns]; of unit length if they were added as `cosine`. */
  readonly vectors: Float32Array;
  readonly columns: number;
  readonly m: number;
  readonly efConstruction: number;
}

const HEADER = 96;

/**
 * Points of a file that hnswlib 0.4 to 0.8 wrote (hnswlib-node, the Python package, C++) on a 64-bit machine, for
 * buildIndex. The file does not say under which distance: that is for the caller to know. Points marked as deleted are
 * left out.
 * @throws UsageError if there is no such file, FormatError for one that is damaged or of another kind
 */
export function readHnswlibFile(path: string): HnswlibFile {
  const bytes = readFileBytes(path, 'hnswlib file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (expected: string, got: unknown): never => {
    throw new FormatError(expectation(`hnswlib file ${path}`, expected, got, 'write it again with hnswlib'));
  };
  if (bytes.length < HEADER) fail('a header of 96 bytes', `${bytes.length} bytes`);
  const word = (at: number): number => {
    const value = view.getBigUint64(at, true);
    return value <= 2n ** 40n ? Number(value) : fail('an index of hnswlib', 'impossible sizes');
  };
  const [offset, most, count, perPoint, labelAt, valuesAt] = [0, 8, 16, 24, 32, 40].map(word);
  const [upper, lowest, m, efConstruction] = [56, 64, 72, 88].map(word);
  const columns = (labelAt - valuesAt) / 4;
  const agrees =
    offset === 0 && count <= most && valuesAt === 4 * lowest + 4 && perPoint === labelAt + 8 && columns >= 1;
  if (!agrees || !Number.isInteger(columns)) fail('an index of hnswlib', 'sizes that do not agree');
  const links = HEADER + count * perPoint;
  requireLinks(view, links, count, 4 * upper + 4, fail);

  const ids = new BigInt64Array(count);
  const vectors = new Float32Array(count * columns);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const at = HEADER + i * perPoint;
    if ((bytes[at + 2] & 1) === 1) continue;
    const label = view.getBigUint64(at + labelAt, true);
    if (label >= 2n ** 63n) fail('labels below 2^63', label);
    ids[kept] = label;
    for (let k = 0; k < columns; k++)
      vectors[kept * columns + k] = view.getFloat32(at + valuesAt + 4 * k, true);
    kept++;
  }
  return { ids: ids.slice(0, kept), vectors: vectors.slice(0, kept * columns), columns, m, efConstruction };
}

/** The file ends with the links above the lowest level: for each point their number of bytes, and these. */
function requireLinks(
  view: DataView,
  from: number,
  count: number,
  unit: number,
  fail: (expected: string, got: unknown) => never,
): void {
  let at = from;
  for (let i = 0; i < count && at + 4 <= view.byteLength; i++) {
    const bytes = view.getUint32(at, true);
    if (bytes % unit !== 0) fail('whole lists of links', `${bytes} bytes`);
    at += 4 + bytes;
  }
  if (at !== view.byteLength || from > view.byteLength) fail(`a complete file`, `${view.byteLength} bytes`);
}
