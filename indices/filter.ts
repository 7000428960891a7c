import { setImmediate } from 'node:timers/promises';
import { expectation, ShapeError, UsageError } from '../src/core/errors.js';
import { requireIds } from './checks.js';

/**
 * The points that a search may return: ids; a bit for each id (id i is bit i % 8 of byte i / 8, ids beyond are left out);
 * or a function that says of each of some ids whether its point may be returned. The function is called once a search for
 * all ids, 8192 at a time on the event loop. Ids that are not stored count for nothing.
 */
export type IdFilter =
  | BigInt64Array
  | ReadonlySet<bigint>
  | Uint8Array
  | ((ids: BigInt64Array) => ArrayLike<boolean | number>);

/** What engines take. */
export type PlainFilter = BigInt64Array | Uint8Array;

const MAX_ID = 2n ** 63n - 1n;
const SLICE = 8192;

/** @param stored asked for all ids only where a function has to see them @throws ShapeError, UsageError */
export async function resolveFilter(
  filter: IdFilter,
  stored: () => BigInt64Array,
  signal: AbortSignal | undefined,
): Promise<PlainFilter> {
  if (filter instanceof Uint8Array) return filter;
  if (filter instanceof BigInt64Array) {
    requireIds(filter, 'filter');
    return filter;
  }
  if (typeof filter === 'function') return askForAll(filter, stored(), signal);
  if (filter instanceof Set) {
    for (const id of filter) {
      if (typeof id === 'bigint' && id >= 0n && id <= MAX_ID) continue;
      throw new UsageError(expectation('filter', 'ids 0n..2^63-1', id, 'give ids as bigint'));
    }
    return BigInt64Array.from(filter as ReadonlySet<bigint>);
  }
  const kinds = 'a BigInt64Array or Set of ids, a Uint8Array of bits, or a function';
  throw new ShapeError(expectation('filter', kinds, filter, 'choose one of them'));
}

/** Which ids of an array a filter lets through. */
export function allowedBy(filter: PlainFilter): (id: bigint) => boolean {
  if (filter instanceof BigInt64Array) {
    const ids = new Set(filter);
    return (id) => ids.has(id);
  }
  const end = BigInt(8 * filter.length);
  return (id) => id < end && ((filter[Number(id >> 3n)] >> Number(id & 7n)) & 1) === 1;
}

async function askForAll(
  ask: (ids: BigInt64Array) => ArrayLike<boolean | number>,
  ids: BigInt64Array,
  signal: AbortSignal | undefined,
): Promise<BigInt64Array> {
  const allowed = new BigInt64Array(ids.length);
  let count = 0;
  for (let from = 0; from < ids.length; from += SLICE) {
    signal?.throwIfAborted();
    const slice = ids.slice(from, from + SLICE);
    const answers = ask(slice);
    if (answers?.length !== slice.length) {
      const got = answers?.length ?? answers;
      throw new ShapeError(expectation('filter', `${slice.length} answers`, got, 'return one for each id'));
    }
    for (let i = 0; i < slice.length; i++) if (answers[i]) allowed[count++] = ids[from + i];
    await setImmediate();
  }
  return allowed.slice(0, count);
}
