import {
  type Matrix32,
  matrix,
  type Nouns,
  nounTree,
  prunedTree,
  Rng,
  type Tree,
  takeRows,
  treeDistance,
  type WordVectors,
} from '../../src/index.js';
import type { Settings, SplitSettings } from './settings.js';

/** Words with their vectors, each a leaf below a node of one tree. */
export interface Task {
  readonly tree: Tree;
  /** [nodes, nodes] edges. */
  readonly between: Matrix32;
  /** [words, features] */
  readonly vectors: Matrix32;
  /** [words] node that a word hangs below, and the edges to it, >= 1. */
  readonly nodes: Int32Array;
  readonly edges: Int32Array;
}

/** Rows of words, each ascending; together every word once. */
export interface WordSplit {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
  /** All words of some subtrees. */
  readonly heldOut: Int32Array;
}

/** @param senses offset of the first noun synset of a word */
export function taskOf(
  nouns: Nouns,
  senses: ReadonlyMap<string, string>,
  { words, vectors }: WordVectors,
  { root, wordsPerNode }: Settings,
): Task {
  const whole = nounTree(nouns, root);
  const rowOf = new Map(whole.names.map((name, i) => [name.slice(-8), i]));
  const places = words.map((word) => rowOf.get(senses.get(word) ?? ''));
  const kept = [...words.keys()].filter((i) => places[i] !== undefined);
  const { tree, nodes, edges } = prunedTree(
    whole,
    kept.map((i) => places[i] as number),
    wordsPerNode,
  );
  const n = tree.names.length;
  const distance = treeDistance(tree);
  const between = Float32Array.from({ length: n * n }, (_, k) => distance(Math.floor(k / n), k % n));
  return { tree, between: matrix(between, n, n), vectors: takeRows(vectors, kept), nodes, edges };
}

/** A split of the words by seed: first whole subtrees, then words of the rest at random. */
export function splitWords({ tree, nodes }: Task, settings: SplitSettings, seed: number): WordSplit {
  const rng = new Rng(seed).split('words');
  const isHeldOut = heldOutNodes(tree, nodes, settings.heldOut, rng);
  const rest: number[] = [];
  const heldOut: number[] = [];
  nodes.forEach((node, word) => {
    (isHeldOut[node] ? heldOut : rest).push(word);
  });
  rng.shuffle(rest);
  const train = Math.round(settings.train * rest.length);
  const validation = Math.round(settings.validation * rest.length);
  const rows = (words: readonly number[]) => Int32Array.from(words).sort();
  return {
    train: rows(rest.slice(0, train)),
    validation: rows(rest.slice(train, train + validation)),
    test: rows(rest.slice(train + validation)),
    heldOut: rows(heldOut),
  };
}

/** 1 for the nodes of random subtrees that have neither too few words nor too many, until `share` of the words is there. */
function heldOutNodes(
  { parents, preorder }: Tree,
  nodes: Int32Array,
  { share, least, most }: SplitSettings['heldOut'],
  rng: Rng,
): Uint8Array {
  const counts = new Int32Array(parents.length);
  for (const node of nodes) counts[node]++;
  for (let k = preorder.length - 1; k > 0; k--) counts[parents[preorder[k]]] += counts[preorder[k]];
  const isHeldOut = new Uint8Array(parents.length);
  let words = 0;
  for (const top of rng.permutation(parents.length)) {
    if (words >= share * nodes.length) break;
    if (counts[top] < least || counts[top] > most) continue;
    const below = preorder.filter((node) => isAtOrBelow(node, top, parents));
    if (below.some((node) => isHeldOut[node])) continue;
    for (const node of below) isHeldOut[node] = 1;
    words += counts[top];
  }
  return isHeldOut;
}

function isAtOrBelow(node: number, top: number, parents: Int32Array): boolean {
  let at = node;
  while (at >= 0 && at !== top) at = parents[at];
  return at === top;
}
