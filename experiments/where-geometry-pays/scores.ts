import { distanceMatrix, type Matrix32, rankScores, row, type Space, takeRows } from '../../src/index.js';
import { leastPlaces, nodesAmid, stepsTo, type WordTree } from '../wordTree.js';

/** What words are compared with: nodes by their codes, or words whose node is known. */
export interface References {
  readonly vectors: Matrix32;
  /** [n] node of each. */
  readonly nodes: Int32Array;
}

/**
 * Means over the words of each class, by what was measured. mapAtR, recallAt1: retrieval of the other words of the
 * class among all words scored. steps: edges from the place of a word to the node of its nearest reference. amidK: to the
 * node amid the K nearest.
 */
export type ClassMeans = Readonly<Record<string, readonly number[]>>;

/**
 * @param points of the words; `space` is that of points and references
 * @param neighbors numbers of nearest references that a word is put among, ascending
 */
export async function scorePoints(
  task: WordTree,
  words: Int32Array,
  space: Space,
  points: Matrix32,
  references: References,
  neighbors: readonly number[],
): Promise<ClassMeans> {
  const nodes = words.map((word) => task.nodes[word]);
  const { classes = [] } = await rankScores(space, points, nodes, {
    k: 'largestClass',
    recallAt: [1],
    perClass: true,
  });
  return {
    mapAtR: classes.map(({ mapAtR }) => mapAtR as number),
    recallAt1: classes.map(({ recallAt }) => recallAt[1]),
    ...steps(task, words, distanceMatrix(space, points, references.vectors), references.nodes, neighbors),
  };
}

function steps(
  task: WordTree,
  words: Int32Array,
  distances: ReturnType<typeof distanceMatrix>,
  referenceNodes: Int32Array,
  counts: readonly number[],
): ClassMeans {
  const most = counts[counts.length - 1];
  const neighbors = Array.from(words, (_, i) =>
    leastPlaces(row(distances, i), most).map((place) => referenceNodes[place]),
  );
  const amid = nodesAmid(task, neighbors, counts);
  return {
    steps: stepsByClass(task, words, (i) => neighbors[i][0]),
    ...Object.fromEntries(counts.map((k, c) => [`amid${k}`, stepsByClass(task, words, (i) => amid[c][i])])),
  };
}

/** Mean steps of the words of each class, classes ascending. */
export function stepsByClass(task: WordTree, words: Int32Array, found: (i: number) => number): number[] {
  const sums = new Map<number, { steps: number; words: number }>();
  words.forEach((word, i) => {
    const node = task.nodes[word];
    const own = sums.get(node) ?? { steps: 0, words: 0 };
    own.steps += stepsTo(task, word, found(i));
    own.words++;
    sums.set(node, own);
  });
  return [...sums].sort(([a], [b]) => a - b).map(([, own]) => own.steps / own.words);
}

/** Words as references: their points and nodes. */
export function wordsAsReferences({ nodes }: WordTree, words: Int32Array, points: Matrix32): References {
  return { vectors: points, nodes: words.map((word) => nodes[word]) };
}

/** Vectors of words as they came. */
export function rawPoints({ vectors }: WordTree, words: Int32Array): Matrix32 {
  return takeRows(vectors, words);
}
