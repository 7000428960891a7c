import {
  type Matrix32,
  matrix,
  type Nouns,
  nounTree,
  prunedTree,
  row,
  type Tree,
  takeRows,
  treeDistance,
  type WordVectors,
} from '../src/index.js';

/** Words with their vectors, each a leaf below a node of one tree. */
export interface WordTree {
  readonly tree: Tree;
  /** [nodes, nodes] edges. */
  readonly between: Matrix32;
  /** [words, features] */
  readonly vectors: Matrix32;
  /** [words] node that a word hangs below, and the edges to it, >= 1. */
  readonly nodes: Int32Array;
  readonly edges: Int32Array;
}

export interface WordTreeSettings {
  /** Offset of the synset that all words are below. */
  readonly root: string;
  /** A node of the tree has at least so many words at or below it. */
  readonly wordsPerNode: number;
}

/** @param senses offset of the first noun synset of a word */
export function wordTreeOf(
  nouns: Nouns,
  senses: ReadonlyMap<string, string>,
  { words, vectors }: WordVectors,
  { root, wordsPerNode }: WordTreeSettings,
): WordTree {
  const whole = nounTree(nouns, root);
  const rowOf = new Map(whole.names.map((name, i) => [name.slice(-8), i]));
  const places = words.map((word) => rowOf.get(senses.get(word) ?? ''));
  const kept = [...words.keys()].filter((i) => places[i] !== undefined);
  const { tree, nodes, edges } = prunedTree(
    whole,
    kept.map((i) => places[i] as number),
    wordsPerNode,
  );
  return { tree, between: edgesBetween(tree), vectors: takeRows(vectors, kept), nodes, edges };
}

/** [nodes, nodes] edges on the way from one node to another. */
export function edgesBetween(tree: Tree): Matrix32 {
  const n = tree.names.length;
  const distance = treeDistance(tree);
  const between = Float32Array.from({ length: n * n }, (_, k) => distance(Math.floor(k / n), k % n));
  return matrix(between, n, n);
}

/** Edges from the synset of a word, one above the word, to the node it was put at. */
export function stepsTo({ nodes, edges, between }: WordTree, word: number, found: number): number {
  return edges[word] - 1 + row(between, nodes[word])[found];
}

/**
 * Nodes amid k neighbours, for each k: the node with the least sum of edges to them.
 * @param neighbors nodes of the neighbours of each word, nearest first @param counts values of k, ascending
 * @returns [words] nodes for each of `counts`
 */
export function nodesAmid(
  { between }: WordTree,
  neighbors: readonly ArrayLike<number>[],
  counts: readonly number[],
): Int32Array[] {
  const found = counts.map(() => new Int32Array(neighbors.length));
  neighbors.forEach((nodes, i) => {
    const sums = new Float64Array(between.rows);
    let added = 0;
    counts.forEach((k, c) => {
      for (; added < k; added++) addEdges(sums, between, nodes[added]);
      found[c][i] = argmin(sums);
    });
  });
  return found;
}

/** The node with the least sum of edges to the nodes of `words`. */
export function medoidOf({ between, nodes }: WordTree, words: Int32Array): number {
  const sums = new Float64Array(between.rows);
  for (const word of words) addEdges(sums, between, nodes[word]);
  return argmin(sums);
}

/** The k least values' places, the least first; of equal ones the first. */
export function leastPlaces(values: ArrayLike<number>, k: number): number[] {
  const places: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (places.length === k && values[i] >= values[places[k - 1]]) continue;
    let at = Math.min(places.length, k - 1);
    for (; at > 0 && values[places[at - 1]] > values[i]; at--) places[at] = places[at - 1];
    places[at] = i;
  }
  return places;
}

function addEdges(sums: Float64Array, between: Matrix32, node: number): void {
  const edges = row(between, node);
  for (let i = 0; i < sums.length; i++) sums[i] += edges[i];
}

function argmin(values: ArrayLike<number>): number {
  let least = 0;
  for (let i = 1; i < values.length; i++) if (values[i] < values[least]) least = i;
  return least;
}
