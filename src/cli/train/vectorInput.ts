import { closeSync, openSync, readSync } from 'node:fs';
import { expectation, ShapeError, UsageError } from '../../core/errors.js';
import { readFileBytes } from '../../core/files.js';
import { type Matrix32, matrix } from '../../core/matrix.js';
import type { NpyArray } from '../../core/npy.js';
import { parseNpz } from '../../core/npz.js';
import { readIntegers } from '../../model/embeddingFile.js';
import type { RowSource } from '../../model/vectors/vectorModel.js';
import { openVectors } from '../vectorFile.js';

/** Vectors of a file, checked as they are read, and what a .npz says of them besides. */
export interface VectorInput extends RowSource {
  readonly ids: BigInt64Array | undefined;
}

/**
 * Rows of a .npy or of the `vectors` of a .npz, as float32. A chunk with a value that is not finite, or beyond float32,
 * throws a UsageError naming the row.
 * @throws as openVectors
 */
export async function openVectorInput(path: string, who: string): Promise<VectorInput> {
  const { rows, columns, ids, chunks } = await openVectors(path, who);
  async function* checked(): AsyncGenerator<Float32Array> {
    let first = 0;
    for await (const chunk of chunks()) {
      requireFiniteRows(chunk, columns, first, `${who} ${path}`);
      yield chunk;
      first += chunk.length / columns;
    }
  }
  return { rows, columns, ids, chunks: checked };
}

/** All rows in one array, without a second copy of the file. @throws as openVectorInput's chunks */
export async function allRows({ rows, columns, chunks }: RowSource): Promise<Matrix32> {
  const data = new Float32Array(rows * columns);
  let at = 0;
  for await (const chunk of chunks()) {
    data.set(chunk, at);
    at += chunk.length;
  }
  return matrix(data, rows, columns);
}

/**
 * One integer a row: of the file `labels`, or else of the array `labels` that a .npz of vectors may hold.
 * @returns undefined where there are none
 * @throws ShapeError for another length or element type
 */
export function labelsOf(
  vectors: string,
  labels: string | undefined,
  rows: number,
): BigInt64Array | undefined {
  if (labels !== undefined) return readIntegers(labels, rows);
  if (!isNpz(vectors)) return undefined;
  const inside = parseNpz(readFileBytes(vectors, '--vectors'), vectors)['labels'];
  return inside && integersOf(inside, rows, `${vectors} labels`);
}

function integersOf({ data, shape }: NpyArray, rows: number, who: string): BigInt64Array {
  const isWhole = !(data instanceof Float32Array || data instanceof Float64Array);
  if (isWhole && shape.length === 1 && shape[0] === rows) return BigInt64Array.from(data, BigInt);
  const got = `${data.constructor.name} [${shape.join(', ')}]`;
  throw new ShapeError(expectation(who, `${rows} integers`, got, 'give one integer a vector'));
}

/** A .npz is a zip, whatever the file is called; a .npy may be too large to be read for this. */
function isNpz(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(2);
    readSync(file, bytes);
    return bytes[0] === 0x50 && bytes[1] === 0x4b;
  } finally {
    closeSync(file);
  }
}

/** Numbers 0.. in the order in which labels first occur. */
export function classesOf(labels: BigInt64Array): { readonly classes: Int32Array; readonly count: number } {
  const numbers = new Map<bigint, number>();
  const classes = Int32Array.from(labels, (label) => {
    const known = numbers.get(label);
    if (known !== undefined) return known;
    numbers.set(label, numbers.size);
    return numbers.size - 1;
  });
  return { classes, count: numbers.size };
}

function requireFiniteRows(chunk: Float32Array, columns: number, first: number, who: string): void {
  for (let i = 0; i < chunk.length; i++) {
    if (chunk[i] - chunk[i] === 0) continue;
    const row = first + Math.floor(i / columns);
    const expected = 'finite numbers within the range of float32';
    throw new UsageError(expectation(`${who} row ${row}`, expected, chunk[i], 'remove or repair that row'));
  }
}
