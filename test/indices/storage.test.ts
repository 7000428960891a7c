import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIndex, openIndex, type Storage, type VectorIndex } from '../../indices/index.js';
import { UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { available } from '../native/addon.js';
import { randomPoints } from '../native/randomPoints.js';
import { recall } from './engines.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-storage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const N = 3000;
const K = 10;
/** Small enough for a walk: with more, all points are compared with. */
const EF = 64;
const SMALL = ['bfloat16', 'int8'] as const;
/** What the memory of vectors shrinks to, at most, and the recall that may be lost for it. */
const LIMITS = {
  bfloat16: { share: 1 / 2, loss: 0.001 },
  int8: { share: 1 / 3.5, loss: 0.003 },
} as const;

const euclidean: Space = { kind: 'euclidean', dim: 48 };
const SPACES: readonly Space[] = [
  euclidean,
  { kind: 'cosine', dim: 48 },
  { kind: 'sphere', dim: 40, curvature: 2 },
  { kind: 'poincare', dim: 40, curvature: -1 },
  { kind: 'stereographic', dim: 40, curvature: 0 },
  { kind: 'stereographic', dim: 40, curvature: -0.5 },
  {
    kind: 'product',
    combine: 'l2',
    factors: [
      { space: { kind: 'cosine', dim: 33 }, weight: 1 },
      { space: { kind: 'poincare', dim: 31, curvature: -1 }, weight: 2 },
    ],
  },
];
const nameOf = (space: Space) => `${space.kind} ${'curvature' in space ? space.curvature : ''}`;

let count = 0;
async function saved(space: Space, vectors: Float32Array): Promise<string> {
  const path = join(folder, `${count++}.gyro`);
  await (await buildIndex({ space, vectors })).save(path);
  return path;
}
const open = (path: string, storage: Storage) => openIndex(path, { map: true, storage });

describe.skipIf(!available)('small storage', () => {
  it.each(SPACES.map((space) => [nameOf(space), space] as const))(
    'loses next to no recall in %s',
    async (_, space) => {
      const all = randomPoints(space, N + 300, new Rng(11)).data;
      const split = (all.length / (N + 300)) * N;
      const path = await saved(space, all.slice(0, split));
      const queries = all.slice(split);
      const full = await openIndex(path);
      const truth = (await full.search(queries, K, { exact: true })).ids;
      const base = recall((await full.search(queries, K, { ef: EF })).ids, truth, K);
      for (const storage of SMALL) {
        const index = await open(path, storage);
        const found = await index.search(queries, K, { ef: EF });
        expect(recall(found.ids, truth, K), storage).toBeGreaterThanOrEqual(base - LIMITS[storage].loss);
        // Distances are those of the vectors themselves: a neighbour of rank one is as far as it is.
        const own = await full.search(queries, 1, { exact: true });
        const same = [...own.ids].filter((id, i) => found.ids[i * K] === id);
        expect(same.length).toBeGreaterThan(290);
        own.ids.forEach((id, i) => {
          if (found.ids[i * K] === id) expect(found.distances[i * K]).toBe(own.distances[i]);
        });
      }
    },
  );

  describe('of vectors that are changed', () => {
    let path = '';
    const rng = new Rng(12);
    beforeAll(async () => {
      path = await saved(euclidean, randomPoints(euclidean, N, rng).data);
    });

    async function churned(index: VectorIndex) {
      const changes = new Rng(13);
      await index.add(undefined, randomPoints(euclidean, 500, changes).data);
      await index.remove(BigInt64Array.from({ length: 400 }, (_, i) => BigInt(7 * i)));
      await index.update(BigInt64Array.of(1n, 3100n), randomPoints(euclidean, 2, changes).data);
      await index.compact();
      return index;
    }

    it.each(SMALL)('finds what was added and not what was removed: %s', async (storage) => {
      const index = await churned(await open(path, storage));
      const full = await churned(await openIndex(path));
      const queries = full.get(BigInt64Array.of(1n, 3100n, 3200n, 5n));
      const found = await index.search(queries, 5, { ef: EF });
      expect(found.ids.filter((_, i) => i % 5 === 0)).toEqual(BigInt64Array.of(1n, 3100n, 3200n, 5n));
      const more = randomPoints(euclidean, 300, rng).data;
      const truth = (await full.search(more, K, { exact: true })).ids;
      const base = recall((await full.search(more, K, { ef: EF })).ids, truth, K);
      const loss = base - recall((await index.search(more, K, { ef: EF })).ids, truth, K);
      expect(loss).toBeLessThanOrEqual(LIMITS[storage].loss);
    });
  });

  it('takes the memory that it says', async () => {
    const factors = [
      { space: { kind: 'cosine', dim: 32 }, weight: 1 },
      { space: { kind: 'poincare', dim: 32, curvature: -1 }, weight: 1 },
    ] as const;
    const vectors = randomPoints({ kind: 'sphere', dim: 64, curvature: 1 }, 500, new Rng(14)).data;
    const path = await saved({ kind: 'product', combine: 'sum', factors }, vectors);
    const [none, ...small] = await Promise.all(
      (['float32', ...SMALL] as const).map(async (storage) => (await open(path, storage)).stats().bytes),
    );
    // What float32 walks on: vectors, and a float64 a leaf.
    const float32 = 500 * (4 * 64 + 2 * 8);
    small.forEach((bytes, i) => {
      expect((bytes - none) / float32, SMALL[i]).toBeLessThanOrEqual(LIMITS[SMALL[i]].share);
    });
  });

  it('keeps 16 bits where points lie far out in a ball, since 8 would not tell them apart', async () => {
    const ball: Space = { kind: 'poincare', dim: 16, curvature: -1 };
    const bytesOf = async (radius: number) => {
      const rng = new Rng(15);
      const directions = randomPoints({ kind: 'sphere', dim: 16, curvature: 1 }, N, rng).data;
      const path = await saved(
        ball,
        directions.map((value) => Math.tanh(radius / 2) * value),
      );
      const none = (await open(path, 'float32')).stats().bytes;
      return ((await open(path, 'int8')).stats().bytes - none) / N;
    };
    expect(await bytesOf(1)).toBe(16 + 8);
    expect(await bytesOf(5)).toBe(32 + 8);
  });

  it('is refused without a mapping and for spaces that have none', async () => {
    const path = await saved(euclidean, randomPoints(euclidean, 50, new Rng(16)).data);
    await expect(openIndex(path, { storage: 'int8' })).rejects.toThrow('pass map: true');
    await expect(open(path, 'int4' as Storage)).rejects.toThrow(UsageError);
    const lorentz: Space = { kind: 'lorentz', dim: 3, curvature: -1 };
    const other = await saved(lorentz, randomPoints(lorentz, 50, new Rng(16)).data);
    await expect(open(other, 'int8')).rejects.toThrow(
      'expected a euclidean, cosine, sphere or poincare space',
    );
  });
});
