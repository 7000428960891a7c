import { requireLength } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';

/** A rooted tree of n nodes, one a row. */
export interface Tree {
  readonly names: readonly string[];
  /** [n] row of the parent, -1 for the root. */
  readonly parents: Int32Array;
  readonly root: number;
  /** [n] edges between a node and the root. */
  readonly depths: Int32Array;
  /** [n] rows in preorder: a node, then the subtrees of its children, ascending by row. */
  readonly preorder: Int32Array;
}

/**
 * @param parents row of each node's parent, -1 for the root
 * @throws ShapeError for another length, DomainError unless they form one tree (names a node)
 */
export function treeOf(names: readonly string[], parents: Int32Array): Tree {
  const n = names.length;
  requireLength(parents.length, n, 'treeOf parents');
  const roots: number[] = [];
  parents.forEach((parent, i) => {
    if (parent === -1) roots.push(i);
    else if (!(parent >= 0 && parent < n)) refuse(`a parent in 0..${n - 1}, or -1`, parent, names[i]);
  });
  if (roots.length !== 1) refuse('one root', roots.length, names[roots[1] ?? 0]);
  const { offsets, children } = childrenOf(parents);
  const depths = new Int32Array(n);
  const preorder = new Int32Array(n);
  const stack = [roots[0]];
  let reached = 0;
  while (stack.length > 0) {
    const node = stack.pop() as number;
    preorder[reached++] = node;
    for (let k = offsets[node + 1] - 1; k >= offsets[node]; k--) {
      depths[children[k]] = depths[node] + 1;
      stack.push(children[k]);
    }
  }
  if (reached < n) {
    const seen = new Set(preorder.subarray(0, reached));
    refuse('every node below the root', 'a cycle', names[parents.findIndex((_, i) => !seen.has(i))]);
  }
  return { names, parents, root: roots[0], depths, preorder };
}

/** Children of all nodes in one array, ascending: those of node i stand at offsets[i] .. offsets[i + 1]. */
function childrenOf(parents: Int32Array): { offsets: Int32Array; children: Int32Array } {
  const n = parents.length;
  const offsets = new Int32Array(n + 1);
  for (const parent of parents) if (parent >= 0) offsets[parent + 1]++;
  for (let i = 0; i < n; i++) offsets[i + 1] += offsets[i];
  const next = offsets.slice(0, n);
  const children = new Int32Array(offsets[n]);
  for (let i = 0; i < n; i++) if (parents[i] >= 0) children[next[parents[i]]++] = i;
  return { offsets, children };
}

/**
 * Edges between any two nodes, each in constant time after O(n log n) of work and 4 n log2(n) bytes: in preorder, the
 * lowest common ancestor of two nodes is the parent of the shallowest node that comes after the first of them, up to
 * the second.
 * @source Bender and Farach-Colton 2000, "The LCA problem revisited", for range minima by powers of two
 */
export function treeDistance({ depths, preorder }: Tree): (a: number, b: number) => number {
  const n = preorder.length;
  const places = new Int32Array(n);
  preorder.forEach((node, place) => {
    places[node] = place;
  });
  // minima[k][p]: least depth at the places p .. p + 2^k - 1.
  const minima = [preorder.map((node) => depths[node])];
  for (let width = 1; 2 * width <= n; width *= 2) {
    const half = minima[minima.length - 1];
    const least = new Int32Array(n - 2 * width + 1);
    for (let p = 0; p < least.length; p++) least[p] = Math.min(half[p], half[p + width]);
    minima.push(least);
  }
  return (a, b) => {
    if (a === b) return 0;
    const [from, to] = places[a] < places[b] ? [places[a] + 1, places[b]] : [places[b] + 1, places[a]];
    const level = 31 - Math.clz32(to - from + 1);
    const row = minima[level];
    const shallowest = Math.min(row[from], row[to - (1 << level) + 1]);
    return depths[a] + depths[b] - 2 * (shallowest - 1);
  };
}

/** [n] number of leaves below each node; a leaf counts itself. */
export function leafCounts({ parents, preorder }: Tree): Int32Array {
  const counts = new Int32Array(parents.length);
  for (let k = preorder.length - 1; k >= 0; k--) {
    const node = preorder[k];
    counts[node] ||= 1;
    if (parents[node] >= 0) counts[parents[node]] += counts[node];
  }
  return counts;
}

/** Branches of a tree by the rows of their topmost nodes, and which of them each node belongs to, -1 for none. */
export interface Branches {
  readonly tops: readonly number[];
  readonly labels: Int32Array;
}

/**
 * The `most` largest branches, or fewer: first the children of the root; as long as there is room, the largest branch gives
 * way to those of its own children. Nodes above the branches and in smaller ones belong to none.
 */
export function branchesOf({ parents, preorder, root }: Tree, most: number): Branches {
  const sizes = new Int32Array(parents.length).fill(1);
  for (let k = preorder.length - 1; k > 0; k--) sizes[parents[preorder[k]]] += sizes[preorder[k]];
  const { offsets, children } = childrenOf(parents);
  let tops = [root];
  while (tops.length < most) {
    const [largest, ...others] = tops;
    const parts = children.subarray(offsets[largest], offsets[largest + 1]);
    if (parts.length === 0) break;
    tops = [...others, ...parts].sort((a, b) => sizes[b] - sizes[a] || a - b).slice(0, most);
  }
  const labels = new Int32Array(parents.length).fill(-1);
  tops.forEach((node, label) => {
    labels[node] = label;
  });
  for (const node of preorder) if (labels[node] < 0 && node !== root) labels[node] = labels[parents[node]];
  return { tops, labels };
}

function refuse(expected: string, got: unknown, node: string | undefined): never {
  throw new DomainError(expectation('treeOf', expected, got, `look at node ${node ?? '(there is none)'}`));
}
