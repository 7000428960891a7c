import { describe, expect, it } from 'vitest';
import { itemsOf, searchGroups } from '../../indices/index.js';
import { ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { randomPoints } from '../native/randomPoints.js';
import { ENGINES } from './engines.js';

const line: Space = { kind: 'euclidean', dim: 1 };
const ball: Space = { kind: 'poincare', dim: 3, curvature: -1 };
const ids = (...values: number[]) => BigInt64Array.from(values, BigInt);

for (const engine of ENGINES) {
  describe.skipIf(!engine.available)(`searchGroups of the ${engine.name} index`, () => {
    it('ranks items by their nearest point', async () => {
      const index = await engine.build(line, Float32Array.of(1, 2, 3, -4), ids(10, 11, 12, 13));
      const groups = itemsOf(ids(10, 11, 12, 13), ids(-5, -5, 6, 6));
      expect(await searchGroups(index, Float32Array.of(0), 3, groups)).toEqual({
        items: ids(-5, 6, -1),
        ids: ids(10, 12, -1),
        distances: Float32Array.of(1, 3, Number.POSITIVE_INFINITY),
        rows: 1,
        k: 3,
      });
      const filter = ids(11, 13);
      const { items, ids: best } = await searchGroups(index, Float32Array.of(0), 2, groups, { filter });
      expect([items, best]).toEqual([ids(-5, 6), ids(11, 13)]);
    });

    it('finds k items behind the 3,000 points of the nearest one', async () => {
      const near = new Float32Array(3000).map((_, i) => i / 3000);
      const index = await engine.build(line, Float32Array.of(...near, 2, 3, 4));
      const all = index.ids().slice().sort();
      const groups = itemsOf(
        all,
        all.map((id) => (id < 3000n ? 0n : id)),
      );
      const { items } = await searchGroups(index, Float32Array.of(0), 3, groups, { ef: 10 });
      expect(items).toEqual(ids(0, 3000, 3001));
    });

    it('gives what a look at all points gives', async () => {
      const { data, rows } = randomPoints(ball, 400, new Rng(4));
      const index = await engine.build(ball, data);
      const all = BigInt64Array.from({ length: rows }, (_, i) => BigInt(i));
      const groups = itemsOf(
        all,
        all.map((id) => id % 40n),
      );
      const queries = randomPoints(ball, 6, new Rng(5)).data;
      const table = await index.search(queries, rows, { exact: true });
      const found = await searchGroups(index, queries, 15, groups);
      for (let q = 0; q < 6; q++) {
        const best = new Map<bigint, bigint>();
        for (const id of table.ids.subarray(q * rows, (q + 1) * rows))
          if (!best.has(id % 40n)) best.set(id % 40n, id);
        const row = [...best].slice(0, 15);
        expect([...found.items.subarray(q * 15, (q + 1) * 15)]).toEqual(row.map(([item]) => item));
        expect([...found.ids.subarray(q * 15, (q + 1) * 15)]).toEqual(row.map(([, id]) => id));
      }
    });

    it('refuses a point without an item, ids that occur twice and unequal lists', async () => {
      const index = await engine.build(line, Float32Array.of(1, 2));
      const search = searchGroups(index, Float32Array.of(0), 2, itemsOf(ids(0), ids(0)));
      await expect(search).rejects.toThrow('an item for the point 1');
      expect(() => itemsOf(ids(1, 1), ids(2, 3))).toThrow(UsageError);
      expect(() => itemsOf(ids(1), ids(2, 3))).toThrow(ShapeError);
      expect(() => itemsOf(ids(1), [1n] as unknown as BigInt64Array)).toThrow(ShapeError);
      const none = itemsOf(ids(), ids());
      await expect(searchGroups(index, Float32Array.of(0), 0, none)).rejects.toThrow('searchGroups k');
    });
  });
}
