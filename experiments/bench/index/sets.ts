import { poincare, Rng } from '../../../src/geometry/index.js';
import type { Space } from '../../../src/index.js';
import { branchingTree } from './branchingTree.js';

/** Points, queries that are not among them, and the space that says which are near. */
export interface DataSet {
  readonly name: string;
  readonly space: Space;
  readonly columns: number;
  /** [n, columns], row-major, in random order. */
  readonly vectors: Float32Array;
  /** [queries, columns]. */
  readonly queries: Float32Array;
}

export const QUERIES = 500;

/**
 * 16 numbers a point, in the hyperbolic space of curvature -1. An edge of 1.22 and a spread of 1.85 bring points to
 * distance 10 from the root, near the end of float32, where neighbourhoods are branches: at 50,000 points d(0, x) has
 * median 10.2 and maximum 11.8, and the tenth neighbour is at 2.8.
 */
export function tree16(size: number, seed: number): DataSet {
  const nodes = size + QUERIES;
  const rng = new Rng(seed).split('tree16');
  const points = branchingTree({ dim: 16, nodes, depth: 11, step: 1.22, spread: 1.85 }, rng);
  return heldOut('tree16', { kind: 'poincare', dim: 16, curvature: -1 }, 16, points, rng);
}

/** Unit vectors of 128 numbers around 500 directions, with noise of norm 0.6. */
export function unit128(size: number, seed: number): DataSet {
  const rng = new Rng(seed).split('unit128');
  const cluster = clusters(size + QUERIES, rng);
  return heldOut('unit128', { kind: 'cosine', dim: 128 }, 128, unitClusters(128, cluster, rng), rng);
}

/**
 * What two heads of a model give: 64 numbers of a unit vector and 64 of a point in the hyperbolic space. The same 500
 * clusters in both: directions with noise of norm 0.6, and nodes of a tree with noise of 0.125 a coordinate, a wrapped
 * normal, thus about 1 from the node. The distance is the sum of both.
 */
export function prod128(size: number, seed: number): DataSet {
  const rng = new Rng(seed).split('prod128');
  const cluster = clusters(size + QUERIES, rng);
  const unit = unitClusters(64, cluster, rng);
  const nodes = branchingTree({ dim: 64, nodes: CLUSTERS, depth: 6, step: 1.22, spread: 1.85 }, rng);
  const points = new Float64Array(cluster.length * 128);
  cluster.forEach((node, i) => {
    points.set(unit.subarray(i * 64, (i + 1) * 64), i * 128);
    const noise = poincare.exp0(
      Float64Array.from({ length: 64 }, () => (0.125 / 2) * rng.normal()),
      1,
    );
    points.set(poincare.mobiusAdd(nodes.subarray(node * 64, (node + 1) * 64), noise, 1), i * 128 + 64);
  });
  const factors = [
    { space: { kind: 'cosine', dim: 64 }, weight: 1 },
    { space: { kind: 'poincare', dim: 64, curvature: -1 }, weight: 1 },
  ] as const;
  return heldOut('prod128', { kind: 'product', combine: 'sum', factors }, 128, points, rng);
}

const CLUSTERS = 500;

function clusters(n: number, rng: Rng): Int32Array {
  return Int32Array.from({ length: n }, () => rng.below(CLUSTERS));
}

/** A unit vector for each item: the direction of its cluster with noise of norm 0.6. [n, dim] */
function unitClusters(dim: number, cluster: Int32Array, rng: Rng): Float64Array {
  const centres = Float64Array.from({ length: CLUSTERS * dim }, () => rng.normal());
  for (let i = 0; i < CLUSTERS; i++) normalize(centres.subarray(i * dim, (i + 1) * dim));
  const points = new Float64Array(cluster.length * dim);
  cluster.forEach((centre, i) => {
    const point = points.subarray(i * dim, (i + 1) * dim);
    for (let k = 0; k < dim; k++)
      point[k] = centres[centre * dim + k] + (0.6 / Math.sqrt(dim)) * rng.normal();
    normalize(point);
  });
  return points;
}

function normalize(x: Float64Array): void {
  const length = Math.hypot(...x);
  for (let k = 0; k < x.length; k++) x[k] /= length;
}

/** Shuffles the rows; the last 500 become queries. @param points [n, columns] */
export function heldOut(
  name: string,
  space: Space,
  columns: number,
  points: Float64Array | Float32Array,
  rng: Rng,
): DataSet {
  const order = rng.permutation(points.length / columns);
  const shuffled = inOrder(Float32Array.from(points), columns, order);
  const split = shuffled.length - QUERIES * columns;
  return { name, space, columns, vectors: shuffled.slice(0, split), queries: shuffled.slice(split) };
}

/** Row i of the result is row order[i]. */
export function inOrder(rows: Float32Array, columns: number, order: Int32Array): Float32Array {
  const result = new Float32Array(order.length * columns);
  order.forEach((from, i) => {
    result.set(rows.subarray(from * columns, (from + 1) * columns), i * columns);
  });
  return result;
}
