import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildIndex, openIndex, type SearchOptions } from '../../indices/index.js';
import { Rng } from '../../src/core/rng.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { available } from '../native/addon.js';
import { randomPoints, randomTree } from '../native/randomPoints.js';
import { recall } from './engines.js';
import { ball16, expectAllInReach, grownIndex, treeInThreeOrders } from './treeOrders.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-hnsw-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ball8: Space = { kind: 'poincare', dim: 8, curvature: -1 };
/** The ensemble: a mixed score of a Euclidean and a hyperbolic head. */
const ensemble: Space = {
  kind: 'product',
  combine: 'sum',
  factors: [
    { space: { kind: 'cosine', dim: 32 }, weight: 5 },
    { space: { kind: 'poincare', dim: 16, curvature: -1 }, weight: 1 },
  ],
};

const withStar = (combine: 'sum' | 'l2'): Space => ({
  kind: 'product',
  combine,
  factors: [
    { space: { kind: 'poincare', dim: 8, curvature: -1 }, weight: 2 },
    { space: { kind: 'star', dim: 1 }, weight: 0.3 },
  ],
});

async function recallAt10(space: Space, vectors: Float32Array, queries: Float32Array, ef: number) {
  const index = await buildIndex({ space, vectors, engine: 'hnsw' });
  const exact = await buildIndex({ space, vectors, engine: 'exact' });
  const found = await index.search(queries, 10, { ef });
  return recall(found.ids, (await exact.search(queries, 10)).ids, 10);
}

describe.skipIf(!available)('the hnsw index', () => {
  it('has recall@10 of 0.995 and more for the ensemble on clustered data, at its default ef', async () => {
    const rng = new Rng(1);
    const points = randomPoints(ensemble, 10_500, rng, 100).data;
    const split = 10_000 * 48;
    expect(
      await recallAt10(ensemble, points.subarray(0, split), points.subarray(split), 64),
    ).toBeGreaterThanOrEqual(0.995);
  });

  it.each<[string, Space]>([
    ['euclidean', { kind: 'euclidean', dim: 16 }],
    ['lorentz', { kind: 'lorentz', dim: 8, curvature: -1 }],
    ['a sphere', { kind: 'sphere', dim: 8, curvature: 2 }],
    ['the stereographic model of a sphere', { kind: 'stereographic', dim: 8, curvature: 0.5 }],
    ['inner products, which are no metric', { kind: 'innerProduct', dim: 16 }],
    [
      'an l2 product of lorentz, sphere and euclidean',
      {
        kind: 'product',
        combine: 'l2',
        factors: [
          { space: { kind: 'lorentz', dim: 5, curvature: -1 }, weight: 1 },
          { space: { kind: 'sphere', dim: 4, curvature: 1 }, weight: 2 },
          { space: { kind: 'euclidean', dim: 3 }, weight: 0.5 },
        ],
      },
    ],
    ['an l2 product with a star', withStar('l2')],
    ['a sum with a star', withStar('sum')],
  ])('has recall@10 of 0.99 and more in %s', async (_, space) => {
    const points = randomPoints(space, 3200, new Rng(2), 40).data;
    const split = 3000 * columnsOf(space);
    expect(
      await recallAt10(space, points.subarray(0, split), points.subarray(split), 64),
    ).toBeGreaterThanOrEqual(0.99);
  });

  it('loses no point of a tree, for five seeds in three orders, and finds neighbours at ef 20', async () => {
    for (const tree of await treeInThreeOrders(8000, 6)) {
      for (const seed of [1, 2, 3, 4, 5]) {
        const index = await buildIndex({ space: ball16, vectors: tree.vectors, engine: 'hnsw', seed });
        expect(index.stats().unreachable, tree.name).toBe(0);
        await expectAllInReach(index, tree, 10);
      }
    }
  }, 120_000);

  it.each([1, 100])(
    'loses no point of a tree that is added %i at a time, in three orders',
    async (step) => {
      for (const tree of await treeInThreeOrders(4000, 7)) {
        // Not all points were looked at after the last addition, so that the narrowest beams may miss one.
        await expectAllInReach(await grownIndex(tree, step), tree, 50);
      }
    },
    120_000,
  );

  it('computes the distances of a few points alone, and says how many', async () => {
    const [{ vectors, queries }] = await treeInThreeOrders(8000, 8);
    const index = await buildIndex({ space: ball16, vectors, engine: 'hnsw' });
    const distancesFor = async (options: SearchOptions) => {
      const before = index.stats().distances;
      await index.search(queries, 10, options);
      return (index.stats().distances - before) / 200;
    };
    const narrow = await distancesFor({ ef: 10 });
    expect(narrow).toBeGreaterThan(10);
    expect(await distancesFor({ ef: 100 })).toBeGreaterThan(narrow);
    expect(await distancesFor({ ef: 100 })).toBeLessThan(8000 / 4);
    expect(await distancesFor({ exact: true })).toBe(8000);
  });

  it('hides nobody behind 2,000 equal points', async () => {
    const rng = new Rng(9);
    const points = randomTree(3000, 8, rng).data;
    const vectors = new Float32Array(5000 * 8);
    vectors.set(points.subarray(0, 1000 * 8));
    for (let i = 1000; i < 3000; i++) vectors.set(points.subarray(500 * 8, 501 * 8), i * 8);
    vectors.set(points.subarray(1000 * 8), 3000 * 8);
    const index = await buildIndex({ space: ball8, vectors, engine: 'hnsw' });
    const exact = await buildIndex({ space: ball8, vectors, engine: 'exact' });
    expect(await index.countUnreachable()).toBe(0);
    const query = points.subarray(500 * 8, 501 * 8);
    for (const k of [1, 10, 2001, 2101]) {
      expect(await index.search(query, k)).toEqual(await exact.search(query, k));
    }
    const all = await index.search(vectors, 1, { ef: 10 });
    for (let i = 0; i < 5000; i++) expect(all.distances[i]).toBe(0);
  });

  it('hides nobody behind 2,000 multiples of one vector under cosine', async () => {
    const space: Space = { kind: 'cosine', dim: 12 };
    const rng = new Rng(10);
    const vectors = randomPoints(space, 4000, rng).data;
    for (let i = 1000; i < 3000; i++) {
      const scale = rng.uniform(0.1, 10);
      for (let j = 0; j < 12; j++) vectors[i * 12 + j] = Math.fround(vectors[j] * scale);
    }
    const index = await buildIndex({ space, vectors, engine: 'hnsw' });
    expect(await index.countUnreachable()).toBe(0);
  });

  it('is the same file for the same seed, on 1, 2 or 3 threads, and another for another', async () => {
    const rng = new Rng(3);
    for (const [space, vectors] of [
      [ball8, randomTree(2000, 8, rng).data],
      [ensemble, randomPoints(ensemble, 2000, rng).data],
    ] as const) {
      const file = async (seed: number, threads: number) => {
        const index = await buildIndex({ space, vectors, engine: 'hnsw', seed, threads });
        const path = join(folder, `${seed}-${threads}.gyro`);
        await index.save(path);
        return readFileSync(path);
      };
      const one = await file(4, 1);
      for (const threads of [2, 3]) expect((await file(4, threads)).equals(one)).toBe(true);
      expect((await file(5, 1)).equals(one)).toBe(false);
    }
  });

  it('is the same file after the same additions', async () => {
    const [tree] = await treeInThreeOrders(1000, 4);
    const file = async (name: string, step: number) => {
      await (await grownIndex(tree, step)).save(join(folder, name));
      return readFileSync(join(folder, name));
    };
    const once = await file('once.gyro', 70);
    expect((await file('again.gyro', 70)).equals(once)).toBe(true);
  });

  it('grows past its first size, in steps and from a file, and loses no point', async () => {
    const tree = randomTree(3000, 8, new Rng(12)).data;
    const start = await buildIndex({ space: ball8, vectors: tree.subarray(0, 100 * 8), engine: 'hnsw' });
    const path = join(folder, 'grown.gyro');
    await start.save(path);
    const index = await openIndex(path);
    for (let from = 100; from < 3000; from += 290) {
      await index.add(undefined, tree.subarray(from * 8, (from + 290) * 8));
    }
    expect(index.size).toBe(3000);
    expect(await index.countUnreachable()).toBe(0);
    const { ids } = await index.search(tree, 1);
    expect([...ids].filter((id, i) => id !== BigInt(i))).toEqual([]);
  });

  it('raises ef to k and answers in full when k is the number of points', async () => {
    const points = randomPoints(ball8, 1200, new Rng(13));
    const index = await buildIndex({ space: ball8, vectors: points.data, engine: 'hnsw', m: 2 });
    const exact = await buildIndex({ space: ball8, vectors: points.data, engine: 'exact' });
    const query = points.data.subarray(0, 8);
    expect(await index.search(query, 1200, { ef: 1 })).toEqual(await exact.search(query, 1200));
  });

  it('tells how many points it has inserted, and stops when aborted', async () => {
    const vectors = randomPoints(ball8, 6000, new Rng(14)).data;
    const seen: number[] = [];
    const onProgress = (done: number, total: number) => {
      expect(total).toBe(6000);
      seen.push(done);
    };
    await buildIndex({ space: ball8, vectors, engine: 'hnsw', onProgress });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toBe(6000);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    const signal = AbortSignal.timeout(30);
    await expect(buildIndex({ space: ball8, vectors, engine: 'hnsw', signal })).rejects.toThrow('timeout');
  });

  it('opened as exact, compares with every point', async () => {
    const vectors = randomTree(500, 8, new Rng(15)).data;
    const path = join(folder, 'exact.gyro');
    await (await buildIndex({ space: ball8, vectors, engine: 'hnsw' })).save(path);
    const index = await openIndex(path, { engine: 'exact' });
    expect(index.stats().engine).toBe('exact');
    expect((await index.search(vectors, 1)).ids[499]).toBe(499n);
  });
});
