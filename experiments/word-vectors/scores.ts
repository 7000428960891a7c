import {
  type CodedTree,
  columnsOf,
  distanceMatrix,
  type Matrix32,
  matrix,
  row,
  type Space,
  sliceColumns,
  spearman,
} from '../../src/index.js';
import { leastPlaces, type WordTree } from '../wordTree.js';
import { scoreAmid } from './neighbors.js';
import { type Scores, scoresOf } from './places.js';

/** What words are compared with: the nodes themselves, or words whose place is known. */
export interface References {
  readonly space: Space;
  /** [n, columnsOf(space)] */
  readonly vectors: Matrix32;
  /** [n] node of each, and the edges to it. */
  readonly nodes: Int32Array;
  readonly edges: Int32Array;
}

/** The nodes of a tree, by their codes. */
export function nodesOf({ tree, space, vectors }: CodedTree): References {
  const nodes = Int32Array.from(tree.names.keys());
  return { space, vectors, nodes, edges: new Int32Array(nodes.length) };
}

/** Words put at a node by their distances to references. */
export interface PointScores extends Scores {
  /** At the node with the least sum of edges to those of the k nearest references, for each k. */
  readonly amid: readonly Scores[];
  /** Rank correlation of distances and edges. */
  readonly spearman: number;
  /** Mean distance of the words' points from the origin; 0 for directions. */
  readonly radius: number;
}

/** Words whose distances go into the rank correlation. */
const CORRELATED = 100;

/**
 * Words put at the node of the nearest reference, and amid several.
 * @param points [words, columns] @param counts values of k, ascending
 */
export function scorePoints(
  task: WordTree,
  words: Int32Array,
  points: Matrix32,
  references: References,
  counts: readonly number[],
): PointScores {
  const { space, vectors, nodes, edges } = references;
  const distances = distanceMatrix(space, points, vectors);
  const most = counts[counts.length - 1];
  const neighbors = Array.from(words, (_, i) => {
    return leastPlaces(row(distances, i), most).map((place) => nodes[place]);
  });
  const every = Math.ceil(words.length / CORRELATED);
  const [D, t]: [number[], number[]] = [[], []];
  for (let i = 0; i < words.length; i += every) {
    D.push(...row(distances, i));
    const between = row(task.between, task.nodes[words[i]]);
    nodes.forEach((node, j) => {
      t.push(task.edges[words[i]] + between[node] + edges[j]);
    });
  }
  const nearest = neighbors.map(([node]) => node);
  const amid = scoreAmid(task, words, neighbors, counts);
  return {
    ...scoresOf(task, words, nearest),
    amid,
    spearman: spearman(t, D),
    radius: radiusOf(space, points),
  };
}

/** Mean distance of points from the origin of their space, or of its first factor; 0 for directions. */
function radiusOf(space: Space, points: Matrix32): number {
  const own = space.kind === 'product' ? space.factors[0].space : space;
  if (own.kind === 'cosine') return 0;
  const columns = columnsOf(own);
  const origin = new Float32Array(columns);
  if (own.kind === 'lorentz') origin[0] = 1 / Math.sqrt(-own.curvature);
  const { data } = distanceMatrix(own, sliceColumns(points, 0, columns), matrix(origin, 1, columns));
  return data.reduce((sum, d) => sum + d, 0) / points.rows;
}
