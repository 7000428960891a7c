import { expectation, UsageError } from '../../core/errors.js';
import { type Matrix64, matrix } from '../../core/matrix.js';
import type { JsonObject } from './leaves.js';

// What the peer was given, read from the objects of a reference file. Each throws UsageError naming the key where
// the file has something else.

export function numberAt(owner: JsonObject, key: string): number {
  const value = owner[key];
  return typeof value === 'number' ? value : malformed(key, 'a number', value);
}

export function numbersAt(owner: JsonObject, key: string): number[] {
  const value = owner[key];
  return isNumbers(value) ? value : malformed(key, 'a list of numbers', value);
}

/** Rows of equal length, at least one. */
export function rowsAt(owner: JsonObject, key: string): number[][] {
  const value = owner[key];
  const isMatrix =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((row) => isNumbers(row) && row.length === value[0].length);
  return isMatrix ? value : malformed(key, 'rows of numbers, all of one length', value);
}

export function matrixAt(owner: JsonObject, key: string): Matrix64 {
  const rows = rowsAt(owner, key);
  return matrix(Float64Array.from(rows.flat()), rows.length, rows[0].length);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

function malformed(key: string, expected: string, got: unknown): never {
  throw new UsageError(
    expectation(`reference input ${key}`, expected, got, 'make the file again with make.py'),
  );
}
