import { requireLength } from '../core/checks.js';
import { DomainError, expectation, ShapeError } from '../core/errors.js';
import type { Matrix, Matrix32 } from '../core/matrix.js';
import type { RankReport } from '../core/records.js';
import type { Space } from '../core/space.js';
import { requirePoints } from '../geometry/points.js';
import { neighborBlocks } from './neighborBlocks.js';
import { rankLabels } from './rankLabels.js';
import { type RankSearchOptions, rankDepth } from './rankScores.js';
import { RankTally } from './rankTally.js';

/** Edges between the nodes of two items, by their rows: a function, or a table [n, n]. */
export type TreeSteps = ((a: number, b: number) => number) | Matrix;

export interface TreeLevelOptions extends Omit<RankSearchOptions, 'references'> {
  /** Where given, the steps to the nearest item are averaged. */
  readonly steps?: TreeSteps;
}

export interface TreeLevelScores {
  /** One report a level, in their order; null where no two items share a label. */
  readonly levels: readonly (RankReport | null)[];
  /** Mean edges to the nearest other item; absent without `steps`. */
  readonly stepsToNearest?: number;
}

/**
 * Leave-one-out rankScores by the labels of each level of a tree, all from one search: how far up the tree neighbours
 * agree. An item without a label at a level (-1) is no query there, and relevant to none, but keeps its rank.
 * @param vectors [n, columnsOf(space)], n >= 2 @param levels [n] labels a level: see ancestorLevels
 * @throws ShapeError for other shapes; DomainError naming a row that is no point of the space, or if no level has
 *   anything to find; UsageError for options out of range
 */
export async function treeLevelScores(
  space: Space,
  vectors: Matrix32,
  levels: readonly Int32Array[],
  options: TreeLevelOptions = {},
): Promise<TreeLevelScores> {
  const who = 'treeLevelScores';
  const { recallAt = [1, 10], average = 'queries', perClass = false, steps } = options;
  const n = vectors.rows;
  for (const labels of levels) requireLength(labels.length, n, `${who} level`);
  requirePoints(space, vectors, who);
  const edges = steps && stepsOf(steps, n);
  const coded = levels.map((labels) => rankLabels(labels, labels, true, who, -1));
  const depth = rankDepth(options.k ?? 'all', n - 1, recallAt, coded, who);
  const tallies = coded.map((labels) => new RankTally(labels, depth, recallAt));
  let sum = 0;
  for await (const { from, to, rows } of neighborBlocks(space, vectors, vectors, depth, true, options)) {
    for (const tally of tallies) tally.add(from, to, rows);
    if (edges) for (let i = from; i < to; i++) sum += edges(i, rows[(i - from) * depth]);
  }
  return {
    levels: tallies.map((tally) => (tally.isEmpty ? null : tally.report(who, average, perClass))),
    ...(edges && { stepsToNearest: sum / n }),
  };
}

/**
 * The ancestors of items by depth: level l holds each item's ancestor at l edges from the root, itself at its own depth,
 * -1 below. Level 0 is the root, the same for all.
 * @param parents row of each node's parent, -1 for a root @param items nodes of the items; default: all nodes
 * @returns one [items] array a depth, down to the deepest item
 * @throws DomainError naming a node whose parents do not lead to a root
 */
export function ancestorLevels(
  parents: Int32Array,
  items: ArrayLike<number> = Int32Array.from(parents.keys()),
): Int32Array[] {
  const paths = Array.from(items, (node) => pathTo(node, parents));
  const depth = paths.reduce((most, path) => Math.max(most, path.length), 0);
  return Array.from({ length: depth }, (_, level) => Int32Array.from(paths, (path) => path[level] ?? -1));
}

/** From the root to the node. */
function pathTo(node: number, parents: Int32Array): number[] {
  const path: number[] = [];
  for (let at = node; at !== -1; at = parents[at]) {
    if (!(at >= 0 && at < parents.length) || path.length > parents.length) {
      const remedy = 'check the parents on its way to the root';
      throw new DomainError(expectation(`ancestorLevels node ${node}`, 'a way to a root', 'none', remedy));
    }
    path.push(at);
  }
  return path.reverse();
}

function stepsOf(steps: TreeSteps, n: number): (a: number, b: number) => number {
  if (typeof steps === 'function') return steps;
  if (steps.rows === n && steps.columns === n) return (a, b) => steps.data[a * n + b];
  const got = `${steps.rows} x ${steps.columns}`;
  throw new ShapeError(
    expectation('treeLevelScores steps', `${n} x ${n}`, got, 'pass steps between all items'),
  );
}
