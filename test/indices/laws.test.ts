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
      expect(opened.stats()).toEqual(index.stats());
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

    it('lets searches and additions that are called together run one after the other', async () => {
      const points = randomPoints(ball, 500, new Rng(5)).data;
      const index = await engine.build(ball, points.subarray(0, 300));
      const query = points.subarray(0, 3);
      const before = index.search(query, 500);
      const adding = index.add(undefined, points.subarray(300));
      const after = index.search(query, 500);
      const counted = async (table: typeof before) => (await table).ids.filter((id) => id >= 0n).length;
      expect(await counted(before)).toBe(100);
      await adding;
      expect(await counted(after)).toBe(500);
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
