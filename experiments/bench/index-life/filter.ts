import { buildIndex } from '../../../indices/index.js';
import { Rng } from '../../../src/geometry/index.js';
import { type BenchContext, type BenchRow, benchRow } from '../bench.js';
import { tree16, unit128 } from '../index/sets.js';
import { numbers, recallOf, secondsOf } from './table.js';

const K = 10;
const EF = 64;
const SHARES = [0.001, 0.01, 0.1, 0.5];
/** Queries a call: one, where finding out who is allowed counts in full, and many. */
const CALLS = [1, 100];

/** Searches among a random share of the points, beside an exact index of these points alone. */
export async function filter({ quick }: BenchContext): Promise<BenchRow[]> {
  const size = quick ? 10_000 : 50_000;
  const rounds = quick ? 5 : 15;
  const rows: BenchRow[] = [];
  for (const set of [tree16(size, 1), unit128(size, 1)]) {
    const { name, space, vectors, queries, columns } = set;
    const index = await buildIndex({ space, vectors, engine: 'hnsw' });
    for (const share of SHARES) {
      const allowed = new Rng(2)
        .permutation(size)
        .slice(0, share * size)
        .sort();
      const ids = BigInt64Array.from(allowed, BigInt);
      const subset = new Float32Array(allowed.length * columns);
      allowed.forEach((row, i) => {
        subset.set(vectors.subarray(row * columns, (row + 1) * columns), i * columns);
      });
      const alone = await buildIndex({ space, vectors: subset, ids, engine: 'exact' });
      for (const count of CALLS) {
        const asked = queries.subarray(0, count * columns);
        const [ours, peer]: [number[], number[]] = [[], []];
        for (let round = -1; round < rounds; round++) {
          const mine = await secondsOf(() => index.search(asked, K, { ef: EF, filter: ids }));
          const theirs = await secondsOf(() => alone.search(asked, K));
          // The first round warms up.
          if (round >= 0) ours.push(mine);
          if (round >= 0) peer.push(theirs);
        }
        const label = `${name}, ${size} points, filter of ${100 * share} %, ${count} queries a call`;
        rows.push(benchRow(label, 'exact search of the allowed points alone', ours, peer));
      }
      const [found, truth] = [
        await index.search(queries, K, { ef: EF, filter: ids }),
        await alone.search(queries, K),
      ];
      const full = found.ids.reduce((sum, id) => sum + (id >= 0n ? 1 : 0), 0) / found.ids.length;
      rows.push(
        numbers(`${name}, filter of ${100 * share} %, share of k that comes`, 'share', full, 1, 'there are'),
        numbers(
          `${name}, filter of ${100 * share} %`,
          `recall@${K}`,
          recallOf(found.ids, truth.ids, K),
          1,
          'exact search',
        ),
      );
      alone.close();
    }
    index.close();
  }
  return rows;
}
