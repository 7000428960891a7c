import { poincare, type Rng } from '../../../src/geometry/index.js';

export interface TreeShape {
  readonly dim: number;
  readonly nodes: number;
  /** Levels below the root, >= 1. */
  readonly depth: number;
  /** Hyperbolic length of an edge at curvature -1. */
  readonly step: number;
  /** Norm of the random part of an edge's direction; its outward part has norm 1. */
  readonly spread: number;
}

/**
 * Nodes of a random tree in the Poincaré ball of curvature -1, the root at 0, level by level: each starts at a random
 * node of the level above and goes one step, mostly outward. Levels grow by a constant factor.
 * @returns [nodes, dim], row-major
 */
export function branchingTree({ dim, nodes, depth, step, spread }: TreeShape, rng: Rng): Float64Array {
  const points = new Float64Array(nodes * dim);
  const growth = growthOf(nodes, depth);
  const length = Math.tanh(step / 2);
  let [first, count, next] = [0, 1, 1];
  for (let level = 1; level <= depth; level++) {
    const wanted = level === depth ? nodes - next : Math.min(nodes - next, Math.round(growth ** level));
    for (let i = next; i < next + wanted; i++) {
      const parent = (first + rng.below(count)) * dim;
      const from = points.subarray(parent, parent + dim);
      const radius = Math.hypot(...from);
      const along = Float64Array.from(from, (value) => {
        return (radius > 0 ? value / radius : 0) + (spread / Math.sqrt(dim)) * rng.normal();
      });
      const scale = length / Math.hypot(...along);
      points.set(
        poincare.mobiusAdd(
          from,
          along.map((value) => value * scale),
          1,
        ),
        i * dim,
      );
    }
    [first, count, next] = [next, wanted, next + wanted];
  }
  return points;
}

/** b of 1 + b + ... + b^depth = nodes. */
function growthOf(nodes: number, depth: number): number {
  let [low, high] = [1, nodes];
  for (let i = 0; i < 100; i++) {
    const b = (low + high) / 2;
    const total = Array.from({ length: depth + 1 }, (_, level) => b ** level).reduce((sum, n) => sum + n, 0);
    if (total < nodes) low = b;
    else high = b;
  }
  return low;
}
