import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildIndex, openIndex } from '../../indices/index.js';
import { Rng } from '../../src/core/rng.js';
import type { GraphPart, NativeGraph } from '../../src/native/index.js';
import { addon, available } from '../native/addon.js';
import { randomTree } from '../native/randomPoints.js';
import { anyRows, expectToSurviveItsRoot, replaceRows } from './churn.js';
import { ball16, expectAllInReach, treeInThreeOrders } from './treeOrders.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-churn-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SIZE = 4000;
const PARTS: readonly GraphPart[] = ['values', 'ids', 'levels', 'lowest', 'upper'];

async function bytesOf(graph: NativeGraph): Promise<Uint8Array[]> {
  return Promise.all(
    PARTS.map(async (part) => {
      const { entries, bytes } = graph.shapeOf(part);
      const all = new Uint8Array(entries * bytes);
      await graph.read(part, 0, all);
      return all;
    }),
  );
}

describe.skipIf(!available)('the hnsw index of a tree', () => {
  it('loses nobody when a random fifth is replaced ten times, and takes no more memory', async () => {
    for (const tree of await treeInThreeOrders(SIZE, 31)) {
      const index = await buildIndex({ space: ball16, vectors: tree.vectors, engine: 'hnsw' });
      const { bytes } = index.stats();
      const rng = new Rng(32);
      for (let round = 0; round < 10; round++) await replaceRows(index, tree, anyRows(tree, rng));
      await expectAllInReach(index, tree, 20);
      // Lists above the lowest level are as many as the levels of the rows that are in use.
      expect(index.stats().bytes).toBeLessThanOrEqual(1.02 * bytes);
      const path = join(folder, 'churned.gyro');
      await index.save(path);
      await expectAllInReach(await openIndex(path), tree, 20);
    }
  });

  it('loses nobody with the fifth that is nearest the root, nor when it comes back', async () => {
    for (const tree of await treeInThreeOrders(SIZE, 33)) {
      const index = await buildIndex({ space: ball16, vectors: tree.vectors, engine: 'hnsw' });
      await expectToSurviveItsRoot(index, tree, 20);
    }
  });

  it('gives back the memory of points that were removed', async () => {
    const vectors = randomTree(SIZE, 16, new Rng(34)).data;
    const index = await buildIndex({ space: ball16, vectors, engine: 'hnsw' });
    const full = index.stats().bytes;
    await index.remove(index.ids().subarray(SIZE / 4));
    await index.compact();
    expect(index.stats().bytes).toBeLessThan(0.4 * full);
    expect(index.ids()).toEqual(BigInt64Array.from({ length: SIZE / 4 }, (_, i) => BigInt(i)));
    expect(await index.repair()).toBe(0);
  });

  it('finds the removed no more while searches go on, and everybody else all the while', async () => {
    const vectors = randomTree(SIZE, 16, new Rng(35)).data;
    const index = await buildIndex({ space: ball16, vectors, engine: 'hnsw' });
    const gone = index.ids().subarray(0, SIZE / 2);
    let settled = false;
    const removing = index.remove(gone).then(async () => {
      await index.add(gone, vectors.subarray(0, (SIZE / 2) * 16));
      settled = true;
    });
    const kept = vectors.subarray((SIZE / 2) * 16, (SIZE / 2 + 64) * 16);
    while (!settled) {
      const { distances } = await index.search(kept, 1);
      expect(distances).toEqual(new Float32Array(64));
    }
    await removing;
    expect((await index.search(vectors, 1)).distances).toEqual(new Float32Array(SIZE));
  });

  it('is the same graph whatever the number of threads, through removals, reuse of rows and compaction', async () => {
    const rows = randomTree(3000, 16, new Rng(36));
    const ids = BigInt64Array.from({ length: 3000 }, (_, i) => BigInt(i));
    const part = (from: number, to: number) => ({
      data: rows.data.subarray(from * 16, to * 16),
      rows: to - from,
      columns: 16,
    });
    const grow = async (threads: number) => {
      const graph = addon().createGraph(ball16, { m: 6, efConstruction: 60, seed: 4 });
      const linkAll = async () => {
        await graph.link({ threads });
        await graph.repair(false, { threads });
      };
      await graph.append(part(0, 2000), ids.slice(0, 2000));
      await linkAll();
      await graph.remove(ids.slice(300, 1200), { threads });
      await graph.repair(false, { threads });
      await graph.append(part(2000, 2500), ids.slice(2000, 2500));
      await linkAll();
      await graph.append(part(2500, 3000), ids.slice(1500, 2000), true);
      await linkAll();
      await graph.compact({ threads });
      await graph.repair(true, { threads });
      const bytes = await bytesOf(graph);
      const { entry, twins, stragglers } = graph.remainder();
      graph.close();
      return { bytes, entry, twins, stragglers };
    };
    const alone = await grow(1);
    expect(await grow(3)).toEqual(alone);
    expect(await grow(2)).toEqual(alone);
  });
});
