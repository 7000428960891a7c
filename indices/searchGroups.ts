import { requireInteger } from '../src/core/checks.js';
import { expectation, ShapeError, UsageError } from '../src/core/errors.js';
import { requireDistinct, requireIdCount, requireIds, requireSearch } from './checks.js';
import { resolveFilter } from './filter.js';
import type { SearchOptions, VectorIndex } from './vectorIndex.js';
import { widen } from './widen.js';

/** Which item each point belongs to: several vectors may stand for one item. */
export type ItemOfId = ReadonlyMap<bigint, bigint>;

/** The k nearest items of each query, all [queries, k]; where fewer exist, -1 and +Infinity. */
export interface GroupNeighbors {
  readonly items: BigInt64Array;
  /** The point of each item that is nearest. */
  readonly ids: BigInt64Array;
  /** To that point, ascending, ties by smaller id. */
  readonly distances: Float32Array;
  readonly rows: number;
  readonly k: number;
}

/** ids[i] belongs to items[i]; items are any int64. @throws ShapeError, UsageError for an id that occurs twice */
export function itemsOf(ids: BigInt64Array, items: BigInt64Array): ItemOfId {
  requireIds(ids);
  if (!(items instanceof BigInt64Array)) {
    throw new ShapeError(expectation('items', 'a BigInt64Array', items, 'convert with BigInt64Array.from'));
  }
  requireIdCount(ids, items.length);
  requireDistinct(ids);
  const map = new Map<bigint, bigint>();
  ids.forEach((id, i) => {
    map.set(id, items[i]);
  });
  return map;
}

/**
 * The k nearest items, an item being as near as its nearest point; k of them if that many exist, however many points the
 * nearest ones have. Neighbours are searched for in growing numbers until k items are among them.
 * @param groups of every point that may be found
 * @throws as VectorIndex.search; UsageError for a point without an item
 */
export async function searchGroups(
  index: VectorIndex,
  queries: Float32Array,
  k: number,
  groups: ItemOfId,
  { filter, ...options }: SearchOptions = {},
): Promise<GroupNeighbors> {
  requireInteger(k, 1, 'searchGroups k', 2 ** 31 - 2);
  const { rows, columns } = requireSearch(index.space, queries, k, options);
  const allowed = filter && (await resolveFilter(filter, () => index.ids(), options.signal));
  const items = new BigInt64Array(rows * k).fill(-1n);
  const ids = new BigInt64Array(rows * k).fill(-1n);
  const distances = new Float32Array(rows * k).fill(Number.POSITIVE_INFINITY);
  await widen({
    queries,
    columns,
    first: 2 * k,
    most: Math.max(1, index.size),
    search: (part, count) => index.search(part, count, { ...options, ...(allowed && { filter: allowed }) }),
    take(query, found, apart, last) {
      const seen = new Set<bigint>();
      for (let j = 0; j < found.length && found[j] >= 0n && seen.size < k; j++) {
        const item = groups.get(found[j]) ?? failWithoutItem(found[j]);
        if (seen.has(item)) continue;
        const at = query * k + seen.size;
        seen.add(item);
        items[at] = item;
        ids[at] = found[j];
        distances[at] = apart[j];
      }
      return last || seen.size === k;
    },
  });
  return { items, ids, distances, rows, k };
}

function failWithoutItem(id: bigint): never {
  throw new UsageError(
    expectation('groups', `an item for the point ${id}`, 'none', 'name the item of every point'),
  );
}
