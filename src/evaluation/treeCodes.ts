import { requireInteger, requireLength } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import type { Matrix } from '../core/matrix.js';
import type { Rng } from '../core/rng.js';
import type { Space } from '../core/space.js';
import { kernelOf } from '../geometry/kernel.js';
import { requirePoints } from '../geometry/points.js';
import { spearman } from './correlation.js';

/** How well distances of codes tell those of a tree. */
export interface TreeScores {
  /** Mean |D - t| / t over pairs of nodes, t edges apart. */
  readonly distortion: number;
  /** Rank correlation of D and t over the same pairs, -1..1; NaN where all t are equal. */
  readonly spearman: number;
  readonly pairs: number;
  /** The same pairs by t, ascending. */
  readonly byEdges: readonly EdgeBand[];
  /** Mean edges to the node with the nearest code, >= 1. */
  readonly stepsToNearest: number;
  /** Mean average precision of the neighbours in the tree (parent and children) in the order of D, 0..1. */
  readonly neighborMap: number;
  /** Nodes behind the last two. */
  readonly nodes: number;
}

/** D of the pairs that are `edges` apart: its 10 %, 50 % and 90 % quantiles. */
export interface EdgeBand {
  readonly edges: number;
  readonly pairs: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

export interface TreeScoreOptions {
  /** Pairs to compare; by default all. */
  readonly includes?: (a: number, b: number) => boolean;
  /** Nodes whose distances to all others are looked at; all in trees of at most this size. Default 2000. */
  readonly anchors?: number;
  /** Pairs compared for each of them when they are a sample. Default 200. */
  readonly pairsPerAnchor?: number;
}

/**
 * @param vectors [n, columnsOf(space)] @param parents [n] rows, -1 for the root
 * @param edges edges between two nodes @param rng draws the sample in large trees
 * @throws ShapeError, DomainError: see requirePoints; DomainError for fewer than two nodes or when no pair is included
 */
export function scoreTreeCodes(
  space: Space,
  vectors: Matrix,
  parents: Int32Array,
  edges: (a: number, b: number) => number,
  rng: Rng,
  { includes = () => true, anchors = 2000, pairsPerAnchor = 200 }: TreeScoreOptions = {},
): TreeScores {
  const n = vectors.rows;
  requireLength(parents.length, n, 'scoreTreeCodes parents');
  requireInteger(anchors, 1, 'scoreTreeCodes anchors');
  requirePoints(space, vectors, 'scoreTreeCodes');
  if (n < 2)
    throw new DomainError(expectation('scoreTreeCodes', 'at least two nodes', n, 'pass a larger tree'));
  const sampled = n > anchors;
  const kernel = kernelOf(space);
  const all = kernel.load(vectors, 0, n);
  const distances = new Float64Array(n);
  const neighbors = neighborsOf(parents);
  const drawn = sampled
    ? rng.permutation(n).subarray(0, anchors)
    : Int32Array.from({ length: n }, (_, i) => i);
  const codes: number[] = [];
  const tree: number[] = [];
  let steps = 0;
  let precision = 0;
  for (const i of drawn) {
    kernel.distances(all, i, all, distances);
    steps += edges(i, nearestOther(distances, i));
    precision += averagePrecision(distances, i, neighbors[i]);
    for (const j of sampled ? partnersOf(i, n, pairsPerAnchor, includes, rng) : laterThan(i, n)) {
      if (!includes(i, j)) continue;
      codes.push(distances[j]);
      tree.push(edges(i, j));
    }
  }
  if (codes.length === 0)
    throw new DomainError(expectation('scoreTreeCodes', 'a pair to compare', 'none', 'include more pairs'));
  const distortion = codes.reduce((sum, D, k) => sum + Math.abs(D - tree[k]) / tree[k], 0) / codes.length;
  return {
    distortion,
    spearman: spearman(tree, codes),
    pairs: codes.length,
    byEdges: bandsOf(tree, codes),
    stepsToNearest: steps / drawn.length,
    neighborMap: precision / drawn.length,
    nodes: drawn.length,
  };
}

function bandsOf(tree: readonly number[], codes: readonly number[]): EdgeBand[] {
  const groups = new Map<number, number[]>();
  tree.forEach((t, k) => {
    const group = groups.get(t);
    if (group) group.push(codes[k]);
    else groups.set(t, [codes[k]]);
  });
  return [...groups]
    .sort(([s], [t]) => s - t)
    .map(([edges, values]) => {
      const sorted = Float64Array.from(values).sort();
      const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
      return { edges, pairs: values.length, low: at(0.1), median: at(0.5), high: at(0.9) };
    });
}

function neighborsOf(parents: Int32Array): number[][] {
  const neighbors = Array.from(parents, (parent) => (parent < 0 ? [] : [parent]));
  parents.forEach((parent, i) => {
    if (parent >= 0) neighbors[parent].push(i);
  });
  return neighbors;
}

function* laterThan(i: number, n: number): Generator<number> {
  for (let j = i + 1; j < n; j++) yield j;
}

/** Random other nodes, each draw on its own; gives up after thirty times as many draws as are wanted. */
function* partnersOf(
  i: number,
  n: number,
  wanted: number,
  includes: (a: number, b: number) => boolean,
  rng: Rng,
): Generator<number> {
  let found = 0;
  // Where a tenth of the pairs is included, that is three times the draws needed.
  for (let draws = 0; draws < 30 * wanted && found < wanted; draws++) {
    const j = rng.below(n);
    if (j === i || !includes(i, j)) continue;
    found++;
    yield j;
  }
}

function nearestOther(distances: Float64Array, i: number): number {
  let nearest = i === 0 ? 1 : 0;
  for (let j = 0; j < distances.length; j++) if (j !== i && distances[j] < distances[nearest]) nearest = j;
  return nearest;
}

/** Mean over the relevant nodes of the precision at their rank, i itself left out; ties by smaller row. */
function averagePrecision(distances: Float64Array, i: number, relevant: readonly number[]): number {
  const order = [...relevant].sort((a, b) => distances[a] - distances[b] || a - b);
  // ahead[k]: nodes that come before the k-th relevant one, but not before the one before it.
  const ahead = new Int32Array(order.length + 1);
  for (let j = 0; j < distances.length; j++) {
    if (j !== i) ahead[placeIn(order, distances, j)]++;
  }
  let rank = 0;
  let sum = 0;
  for (let k = 0; k < order.length; k++) {
    rank += ahead[k];
    sum += (k + 1) / rank;
  }
  return sum / order.length;
}

/** First k whose node comes after j, or is j; order.length if none does. */
function placeIn(order: readonly number[], distances: Float64Array, j: number): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = order[middle];
    if (distances[other] < distances[j] || (distances[other] === distances[j] && other < j)) low = middle + 1;
    else high = middle;
  }
  return low;
}
