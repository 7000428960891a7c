import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openIndex } from '../../indices/index.js';
import { Rng } from '../../src/core/rng.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { distance } from '../../src/geometry/distance.js';
import { randomPoints, randomSpace } from '../native/randomPoints.js';
import { ENGINES } from './engines.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-laws-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ball: Space = { kind: 'poincare', dim: 3, curvature: -1 };
const line: Space = { kind: 'euclidean', dim: 1 };
const ids = (...values: number[]) => BigInt64Array.from(values, BigInt);

/** One rounding to float32, and one unit more because asinh differs in its last bit between libraries. */
const FLOAT32 = 2 ** -23;

for (const engine of ENGINES) {
  describe.skipIf(!engine.available)(`the ${engine.name} index`, () => {
    it('finds 1, 2, 5 from 0 on the line, by hand', async () => {
      const index = await engine.build(line, Float32Array.of(5, -2, 1), ids(70, 80, 90));
      const found = await index.search(Float32Array.of(0), 3);
      expect(found).toEqual({
        ids: ids(90, 80, 70),
        distances: Float32Array.of(1, 2, 5),
        rows: 1,
        k: 3,
      });
    });

    it('answers in order, with true distances and ids that occur once, in any space', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 2 ** 31 }),
          fc.integer({ min: 1, max: 40 }),
          async (seed, k) => {
            const rng = new Rng(seed);
            const space = randomSpace(rng, 2);
            const columns = columnsOf(space);
            const points = randomPoints(space, 1 + rng.below(200), rng);
            const queries = randomPoints(space, 3, rng);
            const index = await engine.build(space, points.data);
            const found = await index.search(queries.data, k);
            const full = Math.min(k, points.rows);
            for (let q = 0; q < 3; q++) {
              const row = found.ids.subarray(q * k, (q + 1) * k);
              const d = found.distances.subarray(q * k, (q + 1) * k);
              expect(new Set(row.subarray(0, full)).size).toBe(full);
              const x = queries.data.subarray(q * columns, (q + 1) * columns);
              for (let j = 0; j < full; j++) {
                const at = Number(row[j]) * columns;
                const exact = distance(space, x, points.data.subarray(at, at + columns));
                expect(Math.abs(d[j] - exact)).toBeLessThanOrEqual(FLOAT32 * Math.abs(exact));
                if (j > 0) expect(d[j - 1] < d[j] || (d[j - 1] === d[j] && row[j - 1] < row[j])).toBe(true);
              }
              expect([...row.subarray(full)].every((id) => id === -1n)).toBe(true);
              expect([...d.subarray(full)].every((value) => value === Number.POSITIVE_INFINITY)).toBe(true);
            }
          },
        ),
        { seed: 17, numRuns: 60 },
      );
    });

    it('gives ties to the smaller id, in whatever order they came', async () => {
      const index = await engine.build(line, Float32Array.of(1, -1, 1, -1, 9), ids(40, 10, 30, 20, 0));
      expect((await index.search(Float32Array.of(0), 3)).ids).toEqual(ids(10, 20, 30));
    });

    it('answers the same after save and open', async () => {
      const points = randomPoints(ball, 400, new Rng(2));
      const index = await engine.build(
        ball,
        points.data,
        ids(...Array.from({ length: 400 }, (_, i) => 3 * i + 5)),
      );
      const path = join(folder, 'new', `${engine.name}.gyro`);
      await index.save(path);
      const opened = await openIndex(path);
      const queries = randomPoints(ball, 50, new Rng(3)).data;
      expect(await opened.search(queries, 12)).toEqual(await index.search(queries, 12));
      expect({ ...opened.stats(), distances: 0 }).toEqual({ ...index.stats(), distances: 0 });
      expect(opened.space).toEqual(ball);
    });

    it('finds what was added, before and after a file', async () => {
      const points = randomPoints(ball, 300, new Rng(4)).data;
      const index = await engine.build(ball, points.subarray(0, 300));
      await index.add(undefined, points.subarray(300, 600));
      await index.add(ids(7000, 6000), points.subarray(600, 606));
      expect(index.size).toBe(202);
      const path = join(folder, `${engine.name} grown.gyro`);
      await index.save(path);
      const opened = await openIndex(path);
      await opened.add(ids(5000), points.subarray(606, 609));
      const found = await opened.search(points.subarray(597, 609), 1);
      expect(found.ids).toEqual(ids(199, 7000, 6000, 5000));
      expect(await opened.countUnreachable()).toBe(0);
    });

    it('holds no points, and then some', async () => {
      const index = await engine.build(line, new Float32Array(0));
      expect((await index.search(Float32Array.of(1), 2)).ids).toEqual(ids(-1, -1));
      const path = join(folder, `${engine.name} empty.gyro`);
      await index.save(path);
      const opened = await openIndex(path);
      await opened.add(undefined, Float32Array.of(4));
      expect((await opened.search(Float32Array.of(1), 1)).distances[0]).toBe(3);
    });

    it('answers no queries with no rows', async () => {
      const index = await engine.build(line, Float32Array.of(1));
      const none = { ids: ids(), distances: new Float32Array(0), rows: 0, k: 4 };
      expect(await index.search(new Float32Array(0), 4)).toEqual(none);
    });

    it('keeps its own copy of what it was given', async () => {
      const vectors = Float32Array.of(1, 2);
      const index = await engine.build(line, vectors);
      const more = Float32Array.of(3);
      const adding = index.add(undefined, more);
      vectors.fill(100);
      more.fill(100);
      await adding;
      expect((await index.search(Float32Array.of(0), 3)).distances).toEqual(Float32Array.of(1, 2, 3));
    });

    it('answers searches while points are added, and finds these once the addition has settled', async () => {
      const points = randomPoints(ball, 3000, new Rng(5)).data;
      const index = await engine.build(ball, points.subarray(0, 900));
      const query = points.subarray(0, 3);
      let settled = false;
      const adding = index.add(undefined, points.subarray(900)).finally(() => {
        settled = true;
      });
      const again = index.add(ids(10_000), points.subarray(0, 3));
      let searches = 0;
      while (!settled) {
        const found = await index.search(query, 300, { ef: 300 });
        searches++;
        expect(new Set(found.ids).size).toBe(300);
        expect(found.ids.every((id) => id >= 0n && id <= 10_000n)).toBe(true);
        expect(found.ids[0]).toBe(0n);
      }
      expect(searches).toBeGreaterThan(0);
      await adding;
      await again;
      expect(index.size).toBe(3001);
      const all = await index.search(query, 3001);
      expect(new Set(all.ids).size).toBe(3001);
      expect(all.ids.subarray(0, 2)).toEqual(ids(0, 10_000));
    });

    it('gives ids and vectors back as they came', async () => {
      const vectors = Float32Array.of(5, -2, 1);
      const index = await engine.build(line, vectors, ids(70, 90, 80));
      expect(index.ids().sort()).toEqual(ids(70, 80, 90));
      expect(index.get(ids(80, 70, 80))).toEqual(Float32Array.of(1, 5, 1));
      expect(index.get(ids())).toEqual(new Float32Array(0));
      expect(() => index.get(ids(71))).toThrow('ids of stored points, got 71n');
      expect(() => index.get([70n] as unknown as BigInt64Array)).toThrow('a BigInt64Array');
    });

    it('is built from arrays one after the other as from one', async () => {
      const points = randomPoints(ball, 700, new Rng(6)).data;
      const whole = await engine.build(ball, points);
      const parts = await engine.build(ball, [
        points.subarray(0, 333),
        new Float32Array(0),
        points.subarray(333),
      ]);
      const queries = randomPoints(ball, 20, new Rng(7)).data;
      expect(await parts.search(queries, 9)).toEqual(await whole.search(queries, 9));
      await expect(engine.build(ball, [points.subarray(0, 3), points.subarray(0, 4)])).rejects.toThrow(
        'multiple of 3',
      );
      const outside = Float32Array.of(0, 0, 0, 1, 1, 1);
      await expect(engine.build(ball, [points, outside])).rejects.toThrow('row 701');
      await expect(engine.build(ball, [points], ids(1, 2))).rejects.toThrow('ids');
      await expect(engine.build(ball, [points.subarray(0, 6)], ids(1, 2, 3))).rejects.toThrow('ids');
      await expect(engine.build(ball, [points.subarray(0, 6)], ids(1, 1))).rejects.toThrow(
        'ids that occur once',
      );
    });

    it('searches with another ef by default once it is told to, also after a file', async () => {
      const index = await engine.build(ball, randomPoints(ball, 50, new Rng(8)).data);
      index.setEf(17);
      for (const ef of [0, 1.5, Number.NaN]) expect(() => index.setEf(ef)).toThrow('setEf ef');
      const path = join(folder, `${engine.name} ef.gyro`);
      await index.save(path);
      expect((await openIndex(path)).stats().ef).toBe(17);
    });

    it('refuses all work once it is closed, but ends what runs', async () => {
      const index = await engine.build(line, Float32Array.of(1));
      const running = index.search(Float32Array.of(0), 1);
      await Promise.resolve();
      await Promise.resolve();
      index.close();
      expect((await running).ids).toEqual(ids(0));
      await expect(index.search(Float32Array.of(0), 1)).rejects.toThrow('index: it has been closed');
      await expect(index.add(undefined, Float32Array.of(0))).rejects.toThrow('closed');
      await expect(index.save(join(folder, 'closed.gyro'))).rejects.toThrow('closed');
    });
  });
}
