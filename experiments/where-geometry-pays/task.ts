import { Rng } from '../../src/index.js';
import type { WordTree } from '../wordTree.js';
import type { SplitSettings } from './settings.js';

/** Words of three sets of classes, each ascending. A class is a node with the words that hang below it. */
export interface ClassSplit {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/** A split of the classes by seed; words of classes that are too small are in none of its parts. */
export function splitClasses(
  { nodes }: WordTree,
  { wordsPerClass, test, validation }: SplitSettings,
  seed: number,
): ClassSplit {
  const members = new Map<number, number[]>();
  nodes.forEach((node, word) => {
    const own = members.get(node);
    if (own) own.push(word);
    else members.set(node, [word]);
  });
  const classes = new Rng(seed)
    .split('classes')
    .shuffle([...members.values()].filter(({ length }) => length >= wordsPerClass));
  const tested = Math.round(test * classes.length);
  const chosen = tested + Math.round(validation * (classes.length - tested));
  const words = (from: number, to?: number) => Int32Array.from(classes.slice(from, to).flat()).sort();
  return { test: words(0, tested), validation: words(tested, chosen), train: words(chosen) };
}
