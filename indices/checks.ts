import { requireInteger } from '../src/core/checks.js';
import { expectation, ShapeError, UsageError } from '../src/core/errors.js';
import { type Matrix32, matrix } from '../src/core/matrix.js';
import { columnsOf, type Space } from '../src/core/space.js';
import { requirePoints } from '../src/geometry/points.js';
import type { IndexSettings, SearchOptions } from './vectorIndex.js';

const MAX_ID = 2n ** 63n - 1n;
const MAX_COUNT = 2 ** 31 - 2;
/** Of twelve bytes each. */
const MAX_RESULTS = 2 ** 28;

/**
 * Rows of `space` as a matrix over the same memory.
 * @param first the number of the first row, for messages
 * @throws ShapeError, DomainError
 */
export function requireVectors(space: Space, vectors: Float32Array, who: string, first = 0): Matrix32 {
  if (!(vectors instanceof Float32Array)) {
    throw new ShapeError(expectation(who, 'a Float32Array', vectors, 'convert with Float32Array.from'));
  }
  const columns = columnsOf(space);
  if (vectors.length % columns !== 0) {
    throw new ShapeError(
      expectation(who, `a multiple of ${columns} values`, vectors.length, 'pass whole rows'),
    );
  }
  const points = matrix(vectors, vectors.length / columns, columns);
  requirePoints(space, points, who, first);
  return points;
}

/** @throws ShapeError for another type, UsageError for a negative id */
export function requireIds(ids: BigInt64Array, who = 'ids'): void {
  if (!(ids instanceof BigInt64Array)) {
    throw new ShapeError(expectation(who, 'a BigInt64Array', ids, 'convert with BigInt64Array.from'));
  }
  const negative = ids.findIndex((id) => id < 0n);
  if (negative >= 0) {
    throw new UsageError(
      expectation(`${who}[${negative}]`, 'an id >= 0', ids[negative], 'renumber the points'),
    );
  }
}

/** @throws ShapeError */
export function requireIdCount(ids: BigInt64Array, rows: number): void {
  if (ids.length === rows) return;
  throw new ShapeError(expectation('ids', `${rows} ids`, ids.length, 'pass one for each row'));
}

/** `first`, `first` + 1, ... */
export function rowNumbers(first: number, rows: number): BigInt64Array {
  return BigInt64Array.from({ length: rows }, (_, i) => BigInt(first + i));
}

/**
 * Ids for points that were given none: `first`, `first` + 1, ..., or, if one of these is taken, numbers from the greatest
 * id on.
 */
export function freeIds(
  first: number,
  rows: number,
  isTaken: (ids: BigInt64Array) => boolean,
  all: () => BigInt64Array,
): BigInt64Array {
  const ids = rowNumbers(first, rows);
  if (!isTaken(ids)) return ids;
  let greatest = 0n;
  for (const id of all()) if (id > greatest) greatest = id;
  if (greatest > MAX_ID - BigInt(rows)) {
    throw new UsageError(expectation('add ids', 'ids', 'none, beside one of 2^63-1', 'number the points'));
  }
  return BigInt64Array.from({ length: rows }, (_, i) => greatest + 1n + BigInt(i));
}

/** Copies the ids of a removal. @throws ShapeError, UsageError */
export function requireRemoval(ids: BigInt64Array): BigInt64Array {
  requireIds(ids, 'remove ids');
  requireDistinct(ids);
  return ids.slice();
}

/** Points to add, in memory of their own. */
export interface Addition {
  readonly rows: Matrix32;
  readonly ids: BigInt64Array | undefined;
}

/** Copies what an `add` or `update` was given. @throws ShapeError, DomainError, UsageError */
export function requireAddition(
  space: Space,
  ids: BigInt64Array | undefined,
  vectors: Float32Array,
  who = 'add',
): Addition {
  const rows = requireVectors(space, vectors, `${who} vectors`);
  if (ids !== undefined) {
    requireIds(ids);
    requireIdCount(ids, rows.rows);
  }
  return { rows: { ...rows, data: rows.data.slice() }, ids: ids?.slice() };
}

/** Queries as a matrix. @throws as VectorIndex.search */
export function requireSearch(
  space: Space,
  queries: Float32Array,
  k: number,
  { ef, threads }: SearchOptions,
): Matrix32 {
  const points = requireVectors(space, queries, 'search queries');
  requireInteger(k, 1, 'search k', MAX_COUNT);
  if (ef !== undefined) requireInteger(ef, 1, 'search ef', MAX_COUNT);
  if (threads !== undefined) requireInteger(threads, 1, 'search threads');
  // A result is queries x k values: what no memory holds must not end the process.
  if (points.rows * k > MAX_RESULTS) {
    throw new UsageError(
      expectation('search', 'at most 2^28 results', `${points.rows} x ${k}`, 'lower k, or search in slices'),
    );
  }
  return points;
}

/** @throws UsageError */
export function requireRadius(radius: number, limit: number | undefined): void {
  if (!(typeof radius === 'number' && !Number.isNaN(radius))) {
    throw new UsageError(
      expectation('searchRadius radius', 'a number', radius, 'pass a distance of the space'),
    );
  }
  if (limit !== undefined) requireInteger(limit, 1, 'searchRadius limit', MAX_COUNT);
}

/** Settings with another default of a search's ef. @throws UsageError */
export function withEf(settings: IndexSettings, ef: number): IndexSettings {
  requireInteger(ef, 1, 'setEf ef', MAX_COUNT);
  return { ...settings, ef };
}

/** @throws UsageError naming an id that occurs twice */
export function requireDistinct(ids: BigInt64Array): void {
  const sorted = ids.slice().sort();
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) failTwice(sorted[i]);
}

/** Adds to `known`, all or none. @throws UsageError naming an id that is there already or occurs twice */
export function claimIds(known: Set<bigint>, ids: BigInt64Array): void {
  requireDistinct(ids);
  for (const id of ids) if (known.has(id)) failTwice(id);
  for (const id of ids) known.add(id);
}

export function failTwice(id: bigint): never {
  throw new UsageError(expectation('ids', 'ids that occur once', id, 'give every point its own id'));
}

export function failUnknown(id: bigint, who = 'get'): never {
  throw new UsageError(expectation(`${who} ids`, 'ids of stored points', id, 'look at ids()'));
}
