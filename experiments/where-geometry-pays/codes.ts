import {
  type CodedTree,
  type Matrix32,
  matrix,
  parseTreeConfig,
  partOfPair,
  placeItems,
  Rng,
  type Space,
  scoreTreeCodes,
  type Tree,
  takeRows,
  trainPlacement,
  trainTree,
  treeDistance,
} from '../../src/index.js';
import type { WordTree } from '../wordTree.js';
import { fitProductCodes } from './productCodes.js';
import { type SpaceName, treeArmOf } from './spaces.js';

/** How well codes keep their tree: see `scoreTreeCodes`. Distortion and Spearman of pairs that did not train. */
export type CodeScores = Readonly<
  Record<'distortion' | 'spearman' | 'stepsToNearest' | 'neighborMap', number>
>;

/** Codes of a tree as a slice keeps them. */
export interface StoredCodes {
  readonly scores: CodeScores;
  readonly space: Space;
  /** Row by row. */
  readonly vectors: readonly number[];
}

export interface CodeOptions {
  readonly dim: number;
  readonly steps: number;
  readonly starts: readonly string[];
  readonly seed: number;
}

/** Codes of all nodes, from the start that is better on validation pairs; of products, Euclidean beside hyperbolic. */
export async function fitCodes(
  tree: Tree,
  name: SpaceName,
  { dim, steps, starts, seed }: CodeOptions,
): Promise<StoredCodes> {
  const edges = treeDistance(tree);
  const score = ({ space, vectors }: Codes, part: 'validation' | 'test') =>
    scoreTreeCodes(space, vectors, tree.parents, edges, new Rng(seed).split(part), {
      includes: (a, b) => partOfPair(a, b) === part,
    });
  const arm = treeArmOf(name);
  const tried: Codes[] = [];
  for (const start of arm ? starts : []) {
    const json = { schemaVersion: 1, kind: 'tree', dim, space: arm?.space, star: arm?.star, seed, start };
    tried.push(
      (await trainTree(tree, parseTreeConfig({ ...json, heldOut: true, training: { steps } }))).codes,
    );
  }
  if (!arm) tried.push(await fitProductCodes(tree, { dim, steps, seed }));
  const validated = tried.map((codes) => ({ codes, distortion: score(codes, 'validation').distortion }));
  const { codes } = validated.reduce((a, b) => (b.distortion < a.distortion ? b : a));
  const { distortion, spearman, stepsToNearest, neighborMap } = score(codes, 'test');
  return {
    scores: { distortion, spearman, stepsToNearest, neighborMap },
    space: codes.space,
    vectors: [...codes.vectors.data],
  };
}

type Codes = Pick<CodedTree, 'space' | 'vectors'>;

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
