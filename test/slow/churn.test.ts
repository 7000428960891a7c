import { describe, expect, it } from 'vitest';
import { buildIndex } from '../../indices/index.js';
import { Rng } from '../../src/core/rng.js';
import { anyRows, expectToSurviveItsRoot, replaceRows } from '../indices/churn.js';
import { ball16, expectAllInReach, treeInThreeOrders } from '../indices/treeOrders.js';
import { available } from '../native/addon.js';

const SIZE = 20_000;

describe.skipIf(!available)('the hnsw index of a tree with 20,000 points', () => {
  it.each([1, 2, 3])(
    'survives ten replacements of a random fifth in three orders with seed %i',
    async (seed) => {
      for (const tree of await treeInThreeOrders(SIZE, 40 + seed)) {
        const index = await buildIndex({ space: ball16, vectors: tree.vectors, engine: 'hnsw', seed });
        const rng = new Rng(seed);
        for (let round = 0; round < 10; round++) await replaceRows(index, tree, anyRows(tree, rng));
        expect(await index.countUnreachable(), tree.name).toBeLessThanOrEqual(SIZE / 10_000);
        expect(await index.repair(), tree.name).toBe(0);
        await expectAllInReach(index, tree, 50);
      }
    },
  );

  it.each([1, 2, 3])('survives the removal of its root in three orders with seed %i', async (seed) => {
    for (const tree of await treeInThreeOrders(SIZE, 50 + seed)) {
      const index = await buildIndex({ space: ball16, vectors: tree.vectors, engine: 'hnsw', seed });
      await expectToSurviveItsRoot(index, tree, 50);
    }
  });
});
