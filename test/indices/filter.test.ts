import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildIndex, type IdFilter } from '../../indices/index.js';
import { ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { available } from '../native/addon.js';
import { randomPoints, randomSpace, randomTree } from '../native/randomPoints.js';
import { ENGINES, recall } from './engines.js';

const line: Space = { kind: 'euclidean', dim: 1 };
const ball8: Space = { kind: 'poincare', dim: 8, curvature: -1 };
const ids = (...values: number[]) => BigInt64Array.from(values, BigInt);

function bitsOf(allowed: BigInt64Array): Uint8Array {
  const bits = new Uint8Array(1000);
  for (const id of allowed) bits[Number(id >> 3n)] |= 1 << Number(id & 7n);
  return bits;
}

/** The same points in every form that a filter has. */
function formsOf(allowed: BigInt64Array): Record<string, IdFilter> {
  const set = new Set(allowed);
  return {
    'a list': allowed.slice().reverse(),
    'a set': set,
    'a bitmap': bitsOf(allowed),
    'a function': (some) => [...some].map((id) => set.has(id)),
  };
}

for (const engine of ENGINES) {
  describe.skipIf(!engine.available)(`filters of the ${engine.name} index`, () => {
    it('give what an index of the allowed points alone gives, in every form and any space', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
          const rng = new Rng(seed);
          const space = randomSpace(rng, 1);
          const columns = columnsOf(space);
          const { data, rows } = randomPoints(space, 20 + rng.below(300), rng);
          const all = BigInt64Array.from({ length: rows }, (_, i) => BigInt(3 * i + 1));
          const index = await engine.build(space, data, all);
          const share = rng.uniform();
          const places = [...all.keys()].filter(() => rng.uniform() < share);
          const allowed = BigInt64Array.from(places, (i) => all[i]);
          const values = Float32Array.from(
            places.flatMap((i) => [...data.subarray(i * columns, (i + 1) * columns)]),
          );
          const alone = await buildIndex({ space, vectors: values, ids: allowed, engine: 'exact' });
          const queries = randomPoints(space, 4, rng).data;
          const expected = await alone.search(queries, 12);
          for (const [name, filter] of Object.entries(formsOf(allowed))) {
            expect(await index.search(queries, 12, { filter }), name).toEqual(expected);
            expect(await index.search(queries, 12, { filter, exact: true }), name).toEqual(expected);
          }
        }),
        { seed: 8, numRuns: 25 },
      );
    });

    it('let nothing through that is not stored, and nothing at all when empty', async () => {
      const index = await engine.build(line, Float32Array.of(1, 2, 3), ids(10, 20, 30));
      const found = async (filter: IdFilter) => (await index.search(Float32Array.of(0), 2, { filter })).ids;
      expect(await found(ids(30, 99, 30))).toEqual(ids(30, -1));
      for (const empty of [ids(), new Set<bigint>(), new Uint8Array(0), new Uint8Array(9), () => [0, 0, 0]]) {
        expect(await found(empty)).toEqual(ids(-1, -1));
      }
      await index.remove(ids(30));
      expect(await found(ids(20, 30))).toEqual(ids(20, -1));
      expect(await found(bitsOf(ids(20, 30)))).toEqual(ids(20, -1));
    });

    it('refuse what is no filter, and say what is wrong with it', async () => {
      const index = await engine.build(line, Float32Array.of(1, 2, 3));
      const cases: [unknown, typeof ShapeError | typeof UsageError, string][] = [
        [[1n], ShapeError, 'a BigInt64Array or Set'],
        ['1', ShapeError, 'a BigInt64Array or Set'],
        [new Set([1]), UsageError, 'bigint'],
        [new Set([2n ** 63n]), UsageError, '2^63-1'],
        [ids(4, -1), UsageError, 'filter[1]'],
        [() => [true], ShapeError, '3 answers'],
        [() => undefined, ShapeError, '3 answers'],
      ];
      for (const [filter, kind, message] of cases) {
        const search = index.search(Float32Array.of(0), 1, { filter: filter as IdFilter });
        await expect(search).rejects.toThrow(kind);
        await expect(search).rejects.toThrow(message);
      }
      const failing = () => {
        throw new RangeError('my own');
      };
      await expect(index.search(Float32Array.of(0), 1, { filter: failing })).rejects.toThrow('my own');
    });
  });
}

describe.skipIf(!available)('filters of walks through a tree of 6,000 points', async () => {
  const SIZE = 6000;
  const rng = new Rng(7);
  const points = randomTree(SIZE + 100, 8, rng).data;
  const [vectors, queries] = [points.subarray(0, SIZE * 8), points.subarray(SIZE * 8)];
  const index = available ? await buildIndex({ space: ball8, vectors, engine: 'hnsw' }) : undefined;
  const exact = await buildIndex({ space: ball8, vectors, engine: 'exact' });
  const every = (n: number) => BigInt64Array.from({ length: Math.floor(SIZE / n) }, (_, i) => BigInt(i * n));
  const norm = (row: number) => Math.hypot(...vectors.subarray(row * 8, (row + 1) * 8));
  const outward = Int32Array.from({ length: SIZE }, (_, i) => i).sort((a, b) => norm(b) - norm(a));

  it.each([
    ['every second', every(2)],
    ['every tenth', every(10)],
    ['one in a thousand', every(1000)],
    ['a single one', every(SIZE)],
    ['the half that is farthest out', BigInt64Array.from(outward.subarray(0, SIZE / 2), BigInt)],
    ['the half that is nearest the root', BigInt64Array.from(outward.subarray(SIZE / 2), BigInt)],
  ])('find k of %s, with the recall of a search without', async (_, filter) => {
    const expected = await exact.search(queries, 10, { filter });
    const found = await index!.search(queries, 10, { filter, ef: 20 });
    const due = Math.min(10, filter.length);
    for (let i = 0; i < 100; i++) expect(found.ids.subarray(10 * i, 10 * i + due)).not.toContain(-1n);
    expect(recall(found.ids, expected.ids, 10)).toBeGreaterThanOrEqual(0.99);
  });

  it('walk where many are allowed and compare with the few that are', async () => {
    const computed = async (filter: IdFilter) => {
      const before = index!.stats().distances;
      await index!.search(queries, 1, { filter, ef: 4 });
      return (index!.stats().distances - before) / 100;
    };
    expect(await computed(every(2))).toBeLessThan(SIZE / 8);
    expect(await computed(every(100))).toBe(SIZE / 100);
  });
});
