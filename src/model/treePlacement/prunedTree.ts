import { requireInteger } from '../../core/checks.js';
import { DomainError, expectation } from '../../core/errors.js';
import { type Tree, treeOf } from '../../data/tree.js';

/** The nodes of a tree that have items below them, and where the items hang. */
export interface PrunedTree {
  readonly tree: Tree;
  /** [nodes] rows of the whole tree, ascending: node i here is rows[i] there. */
  readonly rows: Int32Array;
  /** [items] node that each item hangs below: its place, or the lowest ancestor of it that is left. */
  readonly nodes: Int32Array;
  /** [items] edges from an item, a leaf one edge below its place, to that node: >= 1. */
  readonly edges: Int32Array;
}

/**
 * Keeps the nodes with at least `least` items at or below them; they form a tree with the same edges.
 * @param places [items] row of the node that stands for each item
 * @throws UsageError for a row that is not there, DomainError when no node is left
 */
export function prunedTree(tree: Tree, places: ArrayLike<number>, least: number): PrunedTree {
  const { names, parents, preorder } = tree;
  requireInteger(least, 1, 'prunedTree least');
  const counts = new Int32Array(names.length);
  for (let i = 0; i < places.length; i++) {
    requireInteger(places[i], 0, `prunedTree place of item ${i}`, names.length - 1);
    counts[places[i]]++;
  }
  for (let k = preorder.length - 1; k > 0; k--) counts[parents[preorder[k]]] += counts[preorder[k]];
  const rows = Int32Array.from(names.keys()).filter((node) => counts[node] >= least);
  if (rows.length === 0)
    throw new DomainError(expectation('prunedTree', `${least} items`, places.length, 'lower `least`'));
  const rowOf = new Map(Array.from(rows, (node, i) => [node, i]));
  const parentOf = (node: number) => (node === tree.root ? -1 : (rowOf.get(parents[node]) as number));
  const nodes = new Int32Array(places.length);
  const edges = new Int32Array(places.length).fill(1);
  for (let i = 0; i < places.length; i++) {
    let node = places[i];
    for (; counts[node] < least; edges[i]++) node = parents[node];
    nodes[i] = rowOf.get(node) as number;
  }
  const kept = treeOf(
    Array.from(rows, (node) => names[node]),
    rows.map(parentOf),
  );
  return { tree: kept, rows, nodes, edges };
}
