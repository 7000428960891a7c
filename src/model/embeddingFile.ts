import { expectation, FormatError, ShapeError } from '../core/errors.js';
import { readFileBytes } from '../core/files.js';
import { type Matrix32, matrix } from '../core/matrix.js';
import { type NpyArray, parseNpy } from '../core/npy.js';
import { parseNpz } from '../core/npz.js';
import type { EmbeddingSet } from '../core/records.js';

/** The arrays of E.npz (docs/formats.md): ids, one a head, vectors, labels if known. */
export function embeddingArrays(
  { heads, vectors }: EmbeddingSet,
  ids?: BigInt64Array,
  labels?: BigInt64Array,
): Record<string, NpyArray> {
  const asArray = ({ data, rows, columns }: Matrix32): NpyArray => ({ data, shape: [rows, columns] });
  const rowNumbers = () => BigInt64Array.from({ length: vectors.rows }, (_, i) => BigInt(i));
  return {
    ids: { data: ids ?? rowNumbers(), shape: [vectors.rows] },
    ...Object.fromEntries(heads.map((head) => [head.name, asArray(head.matrix)])),
    vectors: asArray(vectors),
    ...(labels && { labels: { data: labels, shape: [vectors.rows] } }),
  };
}

/**
 * One integer an item from a .npy of int64, int32 or uint8.
 * @param count of items; default: any
 * @throws ShapeError, FormatError
 */
export function readIntegers(path: string, count?: number): BigInt64Array {
  const { data, shape } = parseNpy(readFileBytes(path, path), path);
  if (shape.length !== 1 || (count !== undefined && shape[0] !== count)) {
    throw new ShapeError(
      expectation(path, `shape (${count ?? 'n'},)`, `(${shape.join(', ')})`, 'give one integer an item'),
    );
  }
  if (data instanceof BigInt64Array) return data;
  if (data instanceof Int32Array || data instanceof Uint8Array)
    return BigInt64Array.from(data, (v) => BigInt(v));
  throw new ShapeError(
    expectation(path, 'int64, int32 or uint8', data.constructor.name, 'convert it with astype'),
  );
}

/** Heads and labels of an E.npz. @throws FormatError when an array is missing or of the wrong shape */
export function readEmbeddings(path: string): {
  euclidean: Matrix32;
  poincare: Matrix32;
  labels: BigInt64Array;
} {
  const arrays = parseNpz(readFileBytes(path, path), path);
  const head = (name: string): Matrix32 => {
    const array = arrays[name];
    if (array?.data instanceof Float32Array && array.shape.length === 2)
      return matrix(array.data, array.shape[0], array.shape[1]);
    const got = array ? `${array.data.constructor.name} of ${array.shape.length} axes` : 'none';
    throw new FormatError(
      expectation(`${path}: ${name}`, 'a float32 array [n, columns]', got, 'make it with gyrometric embed'),
    );
  };
  const labels = arrays['labels'];
  const euclidean = head('euclidean');
  const isWhole = labels && !(labels.data instanceof Float32Array || labels.data instanceof Float64Array);
  if (!isWhole || labels.shape.length !== 1 || labels.shape[0] !== euclidean.rows) {
    throw new FormatError(
      expectation(
        `${path}: labels`,
        `${euclidean.rows} integers`,
        labels ? `${labels.data.constructor.name} [${labels.shape.join(', ')}]` : 'none',
        'embed with --labels',
      ),
    );
  }
  return { euclidean, poincare: head('poincare'), labels: BigInt64Array.from(labels.data, BigInt) };
}
