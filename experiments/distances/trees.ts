import {
  distanceMatrix,
  hyperbolicMds,
  loadNouns,
  type Matrix,
  matrix,
  nounTree,
  smacof,
  tableDistances,
  treeDistance,
} from '../../src/index.js';
import { type Digits, head } from './digits.js';
import { euclideanOf, type Measured, measureCodes } from './measure.js';

/** Edges between all nodes of a subtree of WordNet's nouns. */
export function mammalDistances(root: string): Matrix {
  const tree = nounTree(loadNouns('3.1'), root);
  const edges = treeDistance(tree);
  const n = tree.parents.length;
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) data[i * n + j] = edges(i, j);
  return matrix(data, n, n);
}

export function digitDistances({ test }: Digits, count: number): Matrix {
  const rows = head(test, count);
  return distanceMatrix(euclideanOf(rows), rows, rows);
}

/** Scaled stress of distances that are all the same: what points that say nothing would have, had they room for it. */
export function stressOfEqualDistances({ data, rows }: Matrix): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      sum += data[i * rows + j];
      squares += data[i * rows + j] ** 2;
    }
  }
  return Math.sqrt(1 - sum ** 2 / (((rows * (rows - 1)) / 2) * squares));
}

export interface Fitted extends Measured {
  /** K that was found; 0 for Euclidean. */
  readonly curvature: number;
}

/** Points of either geometry with the least stress to given distances: no map, no training. */
export async function fitPoints(
  between: Matrix,
  dim: number,
  geometry: 'euclidean' | 'hyperbolic',
  k: number,
): Promise<Fitted> {
  const inputs = tableDistances(between);
  if (geometry === 'euclidean') {
    const { points } = smacof(between, { dim, maxIterations: 1000, tolerance: 1e-6, restarts: 2, seed: 1 });
    return { ...(await measureCodes(inputs, points, k)).measured, curvature: 0 };
  }
  const { points, space } = hyperbolicMds(between, { dim, maxIterations: 300, seed: 1 });
  return { ...(await measureCodes(inputs, points, k, space)).measured, curvature: space.curvature };
}
