import { expectation, ShapeError, UsageError } from '../src/core/errors.js';
import { type Matrix32, matrix } from '../src/core/matrix.js';
import { columnsOf, type Space } from '../src/core/space.js';
import { requirePoints } from '../src/geometry/points.js';

/** Rows of `space` as a matrix over the same memory. @throws ShapeError, DomainError */
export function requireVectors(space: Space, vectors: Float32Array, who: string): Matrix32 {
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
  requirePoints(space, points, who);
  return points;
}

/** A copy of the ids, or `first`, `first` + 1, ... for undefined. @throws ShapeError, UsageError */
export function requireIds(ids: BigInt64Array | undefined, rows: number, first: number): BigInt64Array {
  if (ids === undefined) return BigInt64Array.from({ length: rows }, (_, i) => BigInt(first + i));
  if (!(ids instanceof BigInt64Array)) {
    throw new ShapeError(expectation('ids', 'a BigInt64Array', ids, 'convert with BigInt64Array.from'));
  }
  if (ids.length !== rows) {
    throw new ShapeError(expectation('ids', `${rows} ids`, ids.length, 'pass one for each row'));
  }
  const negative = ids.findIndex((id) => id < 0n);
  if (negative >= 0) {
    throw new UsageError(expectation(`ids[${negative}]`, 'an id >= 0', ids[negative], 'renumber the points'));
  }
  return ids.slice();
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

function failTwice(id: bigint): never {
  throw new UsageError(expectation('ids', 'ids that occur once', id, 'give every point its own id'));
}
