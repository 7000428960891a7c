import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { buildIndex, openIndex, type VectorIndex } from '../../indices/index.js';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { randomPoints } from '../native/randomPoints.js';
import { ENGINES } from './engines.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-change-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DIM = 3;
const ball: Space = { kind: 'poincare', dim: DIM, curvature: -1 };
const line: Space = { kind: 'euclidean', dim: 1 };
const ids = (...values: number[]) => BigInt64Array.from(values, BigInt);
const QUERIES = randomPoints(ball, 5, new Rng(99)).data;

/** What an index should hold, kept without one. */
type Model = Map<bigint, Float32Array>;

const valuesOf = (model: Model) => Float32Array.from([...model.values()].flatMap((row) => [...row]));

async function expectToHold(index: VectorIndex, model: Model): Promise<void> {
  expect(index.size).toBe(model.size);
  expect(index.ids().slice().sort()).toEqual(BigInt64Array.from(model.keys()).sort());
  expect(index.get(BigInt64Array.from(model.keys()))).toEqual(valuesOf(model));
  const fresh = await buildIndex({
    space: ball,
    vectors: valuesOf(model),
    ids: BigInt64Array.from(model.keys()),
    engine: 'exact',
  });
  const expected = await fresh.search(QUERIES, 8);
  expect(await index.search(QUERIES, 8, { exact: true })).toEqual(expected);
  expect(await index.search(QUERIES, 8)).toEqual(expected);
}

for (const engine of ENGINES) {
  describe.skipIf(!engine.available)(`changes of the ${engine.name} index`, () => {
    it('leave what a list of the same changes leaves, whatever they are', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
          const rng = new Rng(seed);
          const model: Model = new Map();
          const index = await engine.build(ball, new Float32Array(0));
          const points = (n: number) => {
            const rows = randomPoints(ball, n, rng).data;
            // Every third one is a copy of another, at times of one that has gone.
            for (let i = 2; i < n; i += 3) rows.copyWithin(i * DIM, 0, DIM);
            return rows;
          };
          const some = () => {
            const known = [...model.keys()];
            return BigInt64Array.from(known.filter(() => rng.below(3) === 0));
          };
          const put = (which: BigInt64Array, rows: Float32Array) => {
            which.forEach((id, i) => {
              model.set(id, rows.slice(i * DIM, (i + 1) * DIM));
            });
          };
          let next = 0;
          for (let step = 0; step < 12; step++) {
            const kind = rng.below(5);
            if (kind < 2) {
              const rows = points(1 + rng.below(40));
              const own = BigInt64Array.from({ length: rows.length / DIM }, () => BigInt(next++ * 7));
              await index.add(own, rows);
              put(own, rows);
            } else if (kind === 2) {
              const gone = some();
              await index.remove(gone);
              for (const id of gone) model.delete(id);
            } else if (kind === 3) {
              const changed = some();
              const rows = points(changed.length);
              await index.update(changed, rows);
              put(changed, rows);
            } else await index.compact();
            await expectToHold(index, model);
          }
          const path = join(folder, `${engine.name}.gyro`);
          await index.save(path);
          await expectToHold(await openIndex(path), model);
          await expectToHold(index, model);
        }),
        { seed: 5, numRuns: 25 },
      );
    });

    it('can remove everything, and go on from there', async () => {
      const index = await engine.build(ball, randomPoints(ball, 300, new Rng(1)).data);
      await index.remove(index.ids());
      expect(index.size).toBe(0);
      expect((await index.search(QUERIES, 2)).ids).toEqual(new BigInt64Array(10).fill(-1n));
      expect(await index.countUnreachable()).toBe(0);
      const path = join(folder, `${engine.name} none.gyro`);
      await index.save(path);
      expect((await openIndex(path)).size).toBe(0);
      const rows = randomPoints(ball, 200, new Rng(2)).data;
      await index.add(undefined, rows);
      expect((await index.search(rows, 1)).ids).toEqual(
        BigInt64Array.from({ length: 200 }, (_, i) => BigInt(i)),
      );
    });

    it('keeps the copies of a point that is removed, and hides none of them', async () => {
      const index = await engine.build(line, Float32Array.of(1, 1, 1, 2), ids(4, 5, 6, 7));
      await index.remove(ids(4));
      expect((await index.search(Float32Array.of(1), 4)).ids).toEqual(ids(5, 6, 7, -1));
      await index.update(ids(5), Float32Array.of(2));
      expect((await index.search(Float32Array.of(1), 4)).ids).toEqual(ids(6, 5, 7, -1));
      await index.compact();
      await index.remove(ids(6));
      await index.add(ids(4), Float32Array.of(1));
      const found = await index.search(Float32Array.of(1), 4);
      expect(found.ids).toEqual(ids(4, 5, 7, -1));
      expect(found.distances.subarray(0, 3)).toEqual(Float32Array.of(0, 1, 1));
    });

    it('numbers points that come without ids on from the greatest, once numbers are taken', async () => {
      const index = await engine.build(line, Float32Array.of(0, 1, 2));
      await index.remove(ids(0));
      await index.add(undefined, Float32Array.of(5));
      expect(index.ids().slice().sort()).toEqual(ids(1, 2, 3));
      await index.remove(ids(3));
      await index.add(undefined, Float32Array.of(5, 6));
      expect(index.ids().slice().sort()).toEqual(ids(1, 2, 3, 4));
    });

    it.each<[string, unknown, typeof ShapeError | typeof UsageError, string]>([
      ['an unknown id', ids(1, 9), UsageError, 'got 9n'],
      ['an id twice', ids(1, 1), UsageError, 'got 1n'],
      ['a negative id', ids(-1), UsageError, '[0]'],
      ['numbers', [1], ShapeError, 'a BigInt64Array'],
      ['nothing', undefined, ShapeError, 'a BigInt64Array'],
    ])('refuse %s, and then change nothing', async (_, bad, kind, message) => {
      const index = await engine.build(line, Float32Array.of(0, 1, 2));
      const vectors = new Float32Array((bad as BigInt64Array | undefined)?.length ?? 1);
      const calls: [string, () => Promise<void>][] = [
        ['remove', () => index.remove(bad as BigInt64Array)],
        ['update', () => index.update(bad as BigInt64Array, vectors)],
      ];
      for (const [name, call] of calls) {
        await expect(call(), name).rejects.toThrow(kind);
        await expect(call(), name).rejects.toThrow(message);
      }
      expect(index.ids()).toEqual(ids(0, 1, 2));
      expect(index.get(ids(0, 1, 2))).toEqual(Float32Array.of(0, 1, 2));
    });

    it('refuse vectors that are no points, too many or too few', async () => {
      const index = await engine.build(ball, QUERIES);
      const bad = Float32Array.of(0, Number.NaN, 0);
      await expect(index.update(ids(0), bad)).rejects.toThrow(DomainError);
      await expect(index.update(ids(0), bad)).rejects.toThrow('update vectors row 0');
      await expect(index.update(ids(0, 1), QUERIES.subarray(0, 3))).rejects.toThrow(ShapeError);
      expect(index.get(ids(0))).toEqual(QUERIES.slice(0, 3));
    });

    it('of nothing are none', async () => {
      const index = await engine.build(line, Float32Array.of(3));
      await index.remove(ids());
      await index.update(ids(), new Float32Array(0));
      expect(index.ids()).toEqual(ids(0));
    });

    it('take place in the order of the calls, and searches see an id once all the while', async () => {
      const index = await engine.build(
        line,
        Float32Array.from({ length: 2000 }, (_, i) => i),
      );
      const all = index.ids();
      const done: string[] = [];
      const changing = Promise.all([
        index.remove(all.subarray(1000)).then(() => done.push('removed')),
        index
          .update(
            all.subarray(0, 1000),
            new Float32Array(1000).map((_, i) => 5000 + i),
          )
          .then(() => done.push('updated')),
        index.add(all.slice(1000), new Float32Array(1000)).then(() => done.push('added')),
      ]);
      while (done.length < 3) {
        const { ids: found, distances } = await index.search(Float32Array.of(0), 1500, { exact: true });
        const there = found.filter((id) => id >= 0n);
        expect(new Set(there).size).toBe(there.length);
        expect(there.length).toBeGreaterThanOrEqual(1000);
        expect(distances).toEqual(distances.slice().sort());
      }
      await changing;
      expect(done).toEqual(['removed', 'updated', 'added']);
      expect((await index.search(Float32Array.of(5999), 1)).ids).toEqual(ids(999));
    });
  });
}
