import { expectation, UsageError } from '../src/core/errors.js';
import { requireRadius, requireSearch } from './checks.js';
import { resolveFilter } from './filter.js';
import type { RadiusNeighbors, RadiusOptions, VectorIndex } from './vectorIndex.js';
import { widen } from './widen.js';

const MAX_RESULTS = 2 ** 28;

/** VectorIndex.searchRadius by searches for more and more neighbours, until the last lies beyond the radius. */
export async function searchRadius(
  index: VectorIndex,
  queries: Float32Array,
  radius: number,
  { limit, filter, ...options }: RadiusOptions = {},
): Promise<RadiusNeighbors> {
  requireRadius(radius, limit);
  const { rows, columns } = requireSearch(index.space, queries, 1, options);
  const allowed = filter && (await resolveFilter(filter, () => index.ids(), options.signal));
  const found: { ids: BigInt64Array; distances: Float32Array }[] = [];
  let total = 0;
  await widen({
    queries,
    columns,
    // Of points that come meanwhile a search for all sees none.
    most: Math.max(1, Math.min(limit ?? Number.POSITIVE_INFINITY, index.size)),
    search: (part, k) => index.search(part, k, { ...options, ...(allowed && { filter: allowed }) }),
    take(query, ids, distances, last) {
      let count = 0;
      while (count < ids.length && ids[count] >= 0n && distances[count] <= radius) count++;
      if (count === ids.length && !last) return false;
      total += count;
      if (total > MAX_RESULTS) {
        const remedy = 'lower the radius, set a limit, or search in slices';
        throw new UsageError(expectation('searchRadius', 'at most 2^28 results', total, remedy));
      }
      found[query] = { ids: ids.slice(0, count), distances: distances.slice(0, count) };
      return true;
    },
  });
  const starts = new Int32Array(rows + 1);
  const ids = new BigInt64Array(total);
  const distances = new Float32Array(total);
  found.forEach((own, i) => {
    ids.set(own.ids, starts[i]);
    distances.set(own.distances, starts[i]);
    starts[i + 1] = starts[i] + own.ids.length;
  });
  return { ids, distances, starts };
}
