import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { expectation, ShapeError, UsageError } from '../core/errors.js';
import { readFileBytes, requireFile } from '../core/files.js';
import type { Matrix } from '../core/matrix.js';
import { type NpyArray, parseNpy } from '../core/npy.js';
import { type NpyStream, openNpyStream } from '../core/npyStream.js';
import { parseNpz } from '../core/npz.js';

/** What Node reads into one buffer. */
const NPZ_LIMIT = 2 ** 31;

/** Rows as float32, `chunks` at a time, and the ids of a .npz. */
export interface VectorRows extends NpyStream {
  readonly ids: BigInt64Array | undefined;
}

/**
 * As readVectors, but the rows of a .npy, which may be of any size, are read as they are asked for. A .npz is
 * compressed and read whole.
 * @throws as readVectors; UsageError for a .npz of 2 GiB and more
 */
export async function openVectors(path: string, who: string): Promise<VectorRows> {
  requireFile(path, who);
  if (!beginsAsZip(path)) return { ...(await openNpyStream(path, who)), ids: undefined };
  const { size } = statSync(path);
  if (size >= NPZ_LIMIT) {
    const remedy = 'pass its vectors as a .npy, which may be of any size';
    throw new UsageError(expectation(`${who} ${path}`, 'a .npz of less than 2 GiB', `${size} bytes`, remedy));
  }
  const { vectors, ids } = readVectors(path, who);
  const { rows, columns } = vectors;
  return { rows, columns, ids, chunks: (rowsAtOnce) => slices(vectors, rowsAtOnce ?? Math.max(1, rows)) };
}

/**
 * Rows of a .npy, or `vectors` and `ids` of a .npz; float32 or float64 as they are in the file.
 * @throws MissingError for no such file, FormatError for another format, ShapeError for other arrays
 */
export function readVectors(
  path: string,
  who: string,
): { readonly vectors: Matrix; readonly ids: BigInt64Array | undefined } {
  const bytes = readFileBytes(path, who);
  const name = `${who} ${path}`;
  if (!isZip(bytes)) return { vectors: toRows(parseNpy(bytes, name), name), ids: undefined };
  const { vectors, ids } = parseNpz(bytes, name);
  if (vectors === undefined) {
    throw new UsageError(expectation(name, 'an array `vectors`', 'none', 'name one so, or pass a .npy'));
  }
  return { vectors: toRows(vectors, `${name} vectors`), ids: ids && toIds(ids, `${name} ids`) };
}

async function* slices(
  { data, rows, columns }: Matrix,
  rowsAtOnce: number,
): AsyncGenerator<Float32Array, void, undefined> {
  for (let row = 0; row < rows; row += rowsAtOnce) {
    yield Float32Array.from(data.subarray(row * columns, (row + rowsAtOnce) * columns));
  }
}

/** A .npz is a zip, whatever the file is called. */
function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

function beginsAsZip(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(2);
    readSync(file, bytes);
    return isZip(bytes);
  } finally {
    closeSync(file);
  }
}

function toRows({ data, shape }: NpyArray, who: string): Matrix {
  if ((data instanceof Float32Array || data instanceof Float64Array) && shape.length === 2) {
    return { data, rows: shape[0], columns: shape[1] };
  }
  const got = `${data.constructor.name} [${shape.join(', ')}]`;
  throw new ShapeError(
    expectation(who, 'float32 or float64 [n, columns]', got, 'convert with numpy.float32'),
  );
}

function toIds({ data, shape }: NpyArray, who: string): BigInt64Array {
  if (data instanceof BigInt64Array && shape.length === 1) return data;
  const got = `${data.constructor.name} [${shape.join(', ')}]`;
  throw new ShapeError(expectation(who, 'int64 [n]', got, 'convert with numpy.int64'));
}
