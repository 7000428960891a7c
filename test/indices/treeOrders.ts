import { expect } from 'vitest';
import { branchingTree } from '../../experiments/bench/index/branchingTree.js';
import { buildIndex, type VectorIndex } from '../../indices/index.js';
import { takeRows } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { recall } from './engines.js';

const DIM = 16;
const QUERIES = 200;
const K = 10;
export const ball16: Space = { kind: 'poincare', dim: DIM, curvature: -1 };

/** Points of a tree in one order of insertion, and points of the same tree that are not among them. */
export interface OrderedTree {
  readonly name: string;
  readonly vectors: Float32Array;
  readonly queries: Float32Array;
  /** Ids of the ten nearest of each query. */
  readonly truth: BigInt64Array;
}

/**
 * A tree whose leaves lie about 10 from its root, where float32 ends and neighbourhoods are branches; the hardest case
 * for a graph that is built point by point, above all if whole levels come one after the other.
 */
export async function treeInThreeOrders(size: number, seed: number): Promise<readonly OrderedTree[]> {
  const rng = new Rng(seed);
  const nodes = size + QUERIES;
  const data = branchingTree({ dim: DIM, nodes, depth: 11, step: 1.22, spread: 1.85 }, rng);
  const tree = { data: Float32Array.from(data), rows: nodes, columns: DIM };
  const shuffled = rng.permutation(nodes);
  const queries = takeRows(tree, shuffled.subarray(0, QUERIES)).data;
  const random = shuffled.subarray(QUERIES);
  // Rows of the tree come level by level.
  const rootFirst = random.slice().sort();
  const orders = { random, 'root first': rootFirst, 'leaves first': rootFirst.slice().reverse() };
  return Promise.all(
    Object.entries(orders).map(async ([name, order]) => {
      const vectors = takeRows(tree, order).data;
      const exact = await buildIndex({ space: ball16, vectors, engine: 'exact' });
      return { name, vectors, queries, truth: (await exact.search(queries, K)).ids };
    }),
  );
}

/** Every point is found by itself with a beam of `ef`, and queries find 999 of 1000 neighbours with a beam of 20. */
export async function expectAllInReach(
  index: VectorIndex,
  { vectors, queries, truth }: OrderedTree,
  ef: number,
): Promise<void> {
  expect(await index.countUnreachable()).toBe(0);
  const { ids } = await index.search(vectors, 1, { ef });
  expect([...ids].filter((id, row) => id !== BigInt(row))).toEqual([]);
  const found = await index.search(queries, K, { ef: 20 });
  expect(recall(found.ids, truth, K)).toBeGreaterThanOrEqual(0.999);
}

/** An index that was given the points `step` at a time: all but one in ten thousand are in reach, and all after a repair. */
export async function grownIndex({ vectors }: OrderedTree, step: number): Promise<VectorIndex> {
  const index = await buildIndex({ space: ball16, vectors: new Float32Array(0), engine: 'hnsw' });
  for (let at = 0; at < vectors.length; at += step * DIM) {
    await index.add(undefined, vectors.subarray(at, at + step * DIM));
  }
  expect(await index.countUnreachable()).toBeLessThanOrEqual(index.size / 10_000);
  expect(await index.repair()).toBe(0);
  return index;
}
