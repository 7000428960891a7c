import { poincare, Rng } from '../../../src/geometry/index.js';
import type { Space } from '../../../src/index.js';
import { branchingTree } from '../index/branchingTree.js';

const CLUSTERS = 500;
const HALF = 32;
const COLUMNS = 2 * HALF;

/** 32 numbers of a direction and 32 of a point in the hyperbolic space; the distance is the sum of both. */
export const PRODUCT64: Space = {
  kind: 'product',
  combine: 'sum',
  factors: [
    { space: { kind: 'cosine', dim: HALF }, weight: 1 },
    { space: { kind: 'poincare', dim: HALF, curvature: -1 }, weight: 1 },
  ],
};

/**
 * Points as those of prod128, in half as many numbers and any number of parts: the same 500 clusters in both factors,
 * directions with noise of norm 0.6, and nodes of a tree with noise of norm about 1.
 * @returns a function that makes the next `rows` points, [rows, 64]
 */
export function product64(seed: number): (rows: number) => Float32Array {
  const rng = new Rng(seed).split('product64');
  const centres = Float64Array.from({ length: CLUSTERS * HALF }, () => rng.normal());
  for (let i = 0; i < CLUSTERS; i++) normalize(centres.subarray(i * HALF, (i + 1) * HALF));
  const nodes = branchingTree({ dim: HALF, nodes: CLUSTERS, depth: 6, step: 1.22, spread: 1.85 }, rng);
  return (rows) => {
    const points = new Float32Array(rows * COLUMNS);
    for (let i = 0; i < rows; i++) {
      const at = rng.below(CLUSTERS) * HALF;
      const unit = Float64Array.from(
        { length: HALF },
        (_, k) => centres[at + k] + (0.6 / Math.sqrt(HALF)) * rng.normal(),
      );
      normalize(unit);
      points.set(unit, i * COLUMNS);
      const step = Float64Array.from({ length: HALF }, () => (0.18 / 2) * rng.normal());
      const point = poincare.mobiusAdd(nodes.subarray(at, at + HALF), poincare.exp0(step, 1), 1);
      points.set(point, i * COLUMNS + HALF);
    }
    return points;
  };
}

function normalize(x: Float64Array): void {
  const length = Math.hypot(...x);
  for (let k = 0; k < x.length; k++) x[k] /= length;
}
