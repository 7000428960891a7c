import { stepsTo, type WordTree } from '../wordTree.js';

/** How well words were given their places in the tree. */
export interface Scores {
  /** Mean edges from the synset of a word, one above the word, to the node it was put at. */
  readonly steps: number;
  /** Mean depth of those nodes. */
  readonly depth: number;
}

/** @param found node that each of `words` was put at */
export function scoresOf(task: WordTree, words: Int32Array, found: ArrayLike<number>): Scores {
  let [steps, depth] = [0, 0];
  words.forEach((word, i) => {
    steps += stepsTo(task, word, found[i]);
    depth += task.tree.depths[found[i]];
  });
  return { steps: steps / words.length, depth: depth / words.length };
}

/** The fewest steps there are: to the nodes that the words hang below. */
export function bestScores(task: WordTree, words: Int32Array): Scores {
  const own = words.map((word) => task.nodes[word]);
  return scoresOf(task, words, own);
}
