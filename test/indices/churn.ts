import { expect } from 'vitest';
import { buildIndex, type VectorIndex } from '../../indices/index.js';
import { takeRows } from '../../src/core/matrix.js';
import type { Rng } from '../../src/core/rng.js';
import { columnsOf } from '../../src/core/space.js';
import { ball16, expectAllInReach, type OrderedTree } from './treeOrders.js';

const DIM = columnsOf(ball16);

/** Row numbers as ids, and their vectors. */
function pick(tree: OrderedTree, rows: Int32Array): { ids: BigInt64Array; vectors: Float32Array } {
  const all = { data: tree.vectors, rows: tree.vectors.length / DIM, columns: DIM };
  return { ids: BigInt64Array.from(rows, BigInt), vectors: takeRows(all, rows).data };
}

/** Every fifth row: those nearest the root. */
export function rootRows({ vectors }: OrderedTree): Int32Array {
  const rows = Int32Array.from({ length: vectors.length / DIM }, (_, i) => i);
  const norm = (row: number) => Math.hypot(...vectors.subarray(row * DIM, (row + 1) * DIM));
  return rows.sort((a, b) => norm(a) - norm(b)).slice(0, rows.length / 5);
}

/** Every fifth row, at random. */
export function anyRows({ vectors }: OrderedTree, rng: Rng): Int32Array {
  const rows = vectors.length / DIM;
  return rng.permutation(rows).slice(0, rows / 5);
}

/** Removes rows and adds them again. */
export async function replaceRows(index: VectorIndex, tree: OrderedTree, rows: Int32Array): Promise<void> {
  const { ids, vectors } = pick(tree, rows);
  await index.remove(ids);
  await index.add(ids, vectors);
}

/** Removes the rows of the root, then brings them back: in between and afterwards all are in reach, as when freshly built. */
export async function expectToSurviveItsRoot(
  index: VectorIndex,
  tree: OrderedTree,
  ef: number,
): Promise<void> {
  const rows = rootRows(tree);
  const { ids, vectors } = pick(tree, rows);
  await index.remove(ids);
  expect(await index.countUnreachable()).toBe(0);
  const exact = await buildIndex({ space: ball16, vectors: tree.vectors, engine: 'exact' });
  await exact.remove(ids);
  const [found, expected] = await Promise.all([
    index.search(tree.queries, 10, { ef: 20 }),
    exact.search(tree.queries, 10),
  ]);
  let missed = 0;
  found.distances.forEach((d, i) => {
    if (d > expected.distances[i]) missed++;
  });
  expect(missed / found.distances.length, tree.name).toBeLessThanOrEqual(0.001);
  await index.add(ids, vectors);
  await expectAllInReach(index, tree, ef);
}
