import { expectation, ShapeError, UsageError } from '../core/errors.js';
import { readFileBytes } from '../core/files.js';
import type { Matrix } from '../core/matrix.js';
import { type NpyArray, parseNpy } from '../core/npy.js';
import { parseNpz } from '../core/npz.js';

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
  // A .npz is a zip, whatever the file is called.
  if (!(bytes[0] === 0x50 && bytes[1] === 0x4b))
    return { vectors: toRows(parseNpy(bytes, name), name), ids: undefined };
  const { vectors, ids } = parseNpz(bytes, name);
  if (vectors === undefined) {
    throw new UsageError(expectation(name, 'an array `vectors`', 'none', 'name one so, or pass a .npy'));
  }
  return { vectors: toRows(vectors, `${name} vectors`), ids: ids && toIds(ids, `${name} ids`) };
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
