import {
  type CodedTree,
  type Matrix32,
  matrix,
  parseTreeConfig,
  partOfPair,
  placeItems,
  Rng,
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

/** Codes of the tree as a slice keeps them. */
export interface StoredCodes {
  /** On pairs of nodes that did not train. */
  readonly distortion: number;
  readonly space: Space;
  /** Row by row. */
  readonly vectors: readonly number[];
}

/** Codes of all nodes. */
export async function fitCodes(
  { tree, between }: WordTree,
  { space, star }: TreeArm,
  options: { readonly dim: number; readonly seed: number; readonly start: string },
): Promise<StoredCodes> {
  const edges = (a: number, b: number) => row(between, a)[b];
  const config = parseTreeConfig({ schemaVersion: 1, kind: 'tree', space, star, ...options });
  const { codes } = await trainTree(tree, config);
  const rng = new Rng(options.seed).split('test');
  const { distortion } = scoreTreeCodes(codes.space, codes.vectors, tree.parents, edges, rng, {
    includes: (a, b) => partOfPair(a, b) === 'test',
  });
  return { distortion, space: codes.space, vectors: [...codes.vectors.data] };
}

export function codedTree(tree: Tree, { space, vectors }: StoredCodes): CodedTree {
  const data = Float32Array.from(vectors);
  return { tree, space, vectors: matrix(data, tree.names.length, data.length / tree.names.length) };
}

export interface HeadOptions {
  readonly steps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly seed: number;
}

/** Trains a head on the training words. @returns points of other words in the codes' space */
export async function trainHead(
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
