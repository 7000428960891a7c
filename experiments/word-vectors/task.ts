import { Rng, type Tree } from '../../src/index.js';
import type { WordTree } from '../wordTree.js';
import type { SplitSettings } from './settings.js';

/** Rows of words, each ascending; together every word once. */
export interface WordSplit {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
  /** All words of some subtrees. */
  readonly heldOut: Int32Array;
}

/** A split of the words by seed: first whole subtrees, then words of the rest at random. */
export function splitWords({ tree, nodes }: WordTree, settings: SplitSettings, seed: number): WordSplit {
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
