import {
  type CodedTree,
  type Matrix32,
  matrix,
  parseTreeConfig,
  partOfPair,
  placeItems,
  type Relation,
  Rng,
  reconstruction,
  row,
  type Space,
  scoreTreeCodes,
  type Tree,
  type TreeArm,
  takeRows,
  trainPlacement,
  trainTree,
} from '../../src/index.js';
import type { WordTree } from '../wordTree.js';
import type { Size } from './settings.js';

/** How well codes keep their tree. */
export interface CodeScores {
  /** Mean |D - t| / t over pairs of nodes that did not train. */
  readonly distortion: number;
  /** Of the parent and children of each node among all nodes by distance. */
  readonly meanRank: number;
  readonly neighborMap: number;
}

/** Codes of the tree as a slice keeps them. */
export interface StoredCodes {
  readonly scores: CodeScores;
  readonly space: Space;
  /** Row by row. */
  readonly vectors: readonly number[];
}

/** Codes of all nodes, from the start that is better on validation pairs. */
export async function fitCodes(
  { tree, between }: WordTree,
  { space, star }: TreeArm,
  dim: number,
  { steps, starts }: Size['codes'],
  seed: number,
): Promise<StoredCodes> {
  const edges = (a: number, b: number) => row(between, a)[b];
  const distortion = (codes: { space: Space; vectors: Matrix32 }, part: 'validation' | 'test') =>
    scoreTreeCodes(codes.space, codes.vectors, tree.parents, edges, new Rng(seed).split(part), {
      includes: (a, b) => partOfPair(a, b) === part,
    }).distortion;
  const tried = [];
  for (const start of starts) {
    const json = { schemaVersion: 1, kind: 'tree', dim, space, star, seed, start, training: { steps } };
    const { codes } = await trainTree(tree, parseTreeConfig({ ...json, heldOut: true }));
    tried.push({ codes, distortion: distortion(codes, 'validation') });
  }
  const { codes } = tried.reduce((a, b) => (b.distortion < a.distortion ? b : a));
  const { meanRank, meanAveragePrecision } = await reconstruction(
    codes.space,
    codes.vectors,
    neighborsIn(tree),
  );
  return {
    scores: { distortion: distortion(codes, 'test'), meanRank, neighborMap: meanAveragePrecision },
    space: codes.space,
    vectors: [...codes.vectors.data],
  };
}

export function codedTree(tree: Tree, { space, vectors }: StoredCodes): CodedTree {
  const data = Float32Array.from(vectors);
  return { tree, space, vectors: matrix(data, tree.names.length, data.length / tree.names.length) };
}

export interface HeadOptions {
  readonly hidden: number;
  readonly steps: number;
  readonly warmup: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly seed: number;
}

/** Trains a head onto the codes on the training words. @returns what places other words: points of the codes' space */
export async function trainOntoCodes(
  task: WordTree,
  train: Int32Array,
  codes: CodedTree,
  options: HeadOptions,
): Promise<(words: Int32Array) => Promise<Matrix32>> {
  const nodes = train.map((word) => task.nodes[word]);
  const edges = train.map((word) => task.edges[word]);
  const inputs = takeRows(task.vectors, train);
  const placement = await trainPlacement(codes, { inputs, nodes, edges }, options);
  return (words) => placeItems(placement, takeRows(task.vectors, words));
}

/** Parent and children of each node, ascending. */
function neighborsIn({ parents }: Tree): Relation {
  const neighbors = Array.from(parents, (parent) => (parent < 0 ? [] : [parent]));
  parents.forEach((parent, i) => {
    if (parent >= 0) neighbors[parent].push(i);
  });
  const offsets = new Int32Array(parents.length + 1);
  neighbors.forEach((own, i) => {
    own.sort((a, b) => a - b);
    offsets[i + 1] = offsets[i] + own.length;
  });
  return { offsets, targets: Int32Array.from(neighbors.flat()) };
}
