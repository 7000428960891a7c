import { describe, expect, it } from 'vitest';
import { buildIndex } from '../../indices/index.js';
import { ball16, expectAllInReach, grownIndex, treeInThreeOrders } from '../indices/treeOrders.js';
import { available } from '../native/addon.js';

const SIZE = 20_000;

describe.skipIf(!available)('the hnsw index of a tree with 20,000 points', () => {
  it.each([1, 2, 3, 4, 5])('loses none of them in three orders with seed %i', async (seed) => {
    for (const tree of await treeInThreeOrders(SIZE, 10 + seed)) {
      const index = await buildIndex({ space: ball16, vectors: tree.vectors, engine: 'hnsw', seed });
      expect(index.stats().unreachable, tree.name).toBe(0);
      await expectAllInReach(index, tree, 10);
    }
  });

  it.each([1, 100, 1000])('loses none of them when they are added %i at a time', async (step) => {
    for (const tree of await treeInThreeOrders(SIZE, 20)) {
      await expectAllInReach(await grownIndex(tree, step), tree, 50);
    }
  });
});
