import type { Matrix32 } from '../../src/core/matrix.js';
import type { Rng } from '../../src/core/rng.js';
import { columnsOf, type Space } from '../../src/core/space.js';

/** One of every kind, with curvatures other than ±1. */
export const SPACES: readonly Space[] = [
  { kind: 'euclidean', dim: 7 },
  { kind: 'cosine', dim: 9 },
  { kind: 'innerProduct', dim: 5 },
  { kind: 'sphere', dim: 4, curvature: 0.5 },
  { kind: 'poincare', dim: 11, curvature: -2 },
  { kind: 'lorentz', dim: 6, curvature: -0.7 },
  { kind: 'stereographic', dim: 3, curvature: -1.5 },
  { kind: 'stereographic', dim: 3, curvature: 0 },
  { kind: 'stereographic', dim: 3, curvature: 1.5 },
  { kind: 'star', dim: 1 },
];

/** A space of up to `depth` nested products. */
export function randomSpace(rng: Rng, depth: number): Space {
  if (depth === 0 || rng.uniform() < 0.3) {
    const leaf = SPACES[rng.below(SPACES.length)];
    return leaf.kind === 'star' || leaf.kind === 'product' ? leaf : { ...leaf, dim: 1 + rng.below(20) };
  }
  const factors = Array.from({ length: 1 + rng.below(3) }, () => ({
    space: randomSpace(rng, depth - 1),
    weight: rng.uniform(0.1, 3),
  }));
  return { kind: 'product', combine: rng.uniform() < 0.5 ? 'sum' : 'l2', factors };
}

/** Clustered points of any space, so that near neighbours and far points both occur. */
export function randomPoints(space: Space, rows: number, rng: Rng, clusters = 10): Matrix32 {
  const columns = columnsOf(space);
  const data = new Float32Array(rows * columns);
  const centres = Array.from({ length: clusters }, () => Array.from({ length: columns }, () => rng.normal()));
  for (let i = 0; i < rows; i++) {
    const centre = centres[rng.below(clusters)];
    const free = centre.map((value) => value + 0.3 * rng.normal());
    data.set(ontoSpace(space, free), i * columns);
  }
  return { data, rows, columns };
}

/** Any numbers to a point: the exponential map at the origin up to scale, a direction, an absolute value. */
function ontoSpace(space: Space, values: readonly number[]): number[] {
  if (space.kind === 'product') {
    let at = 0;
    return space.factors.flatMap((factor) => {
      const from = at;
      at += columnsOf(factor.space);
      return ontoSpace(factor.space, values.slice(from, at));
    });
  }
  if (space.kind === 'star') return [Math.abs(values[0])];
  if (space.kind === 'sphere') {
    const norm = Math.hypot(...values) * Math.sqrt(space.curvature);
    return values.map((v) => v / norm);
  }
  if (space.kind === 'lorentz') {
    const rest = values.slice(1);
    return [Math.sqrt(-1 / space.curvature + rest.reduce((sum, v) => sum + v * v, 0)), ...rest];
  }
  if ((space.kind === 'poincare' || space.kind === 'stereographic') && space.curvature < 0) {
    const norm = Math.hypot(...values);
    const scale = Math.tanh(norm) / (norm * Math.sqrt(-space.curvature));
    return values.map((v) => v * scale * 0.9999);
  }
  return [...values];
}

/**
 * A tree grown by steps of length 1 in random directions of the ball of curvature -1, as hyperbolic embeddings of
 * taxonomies look: most points lie near the edge. Rows are in the order of growth, the root first.
 */
export function randomTree(rows: number, dim: number, rng: Rng, maxDepth = 9): Matrix32 {
  const nodes: { point: Float64Array; depth: number }[] = [{ point: new Float64Array(dim), depth: 0 }];
  while (nodes.length < rows) {
    const parent = nodes[rng.below(nodes.length)];
    if (parent.depth === maxDepth) continue;
    const step = Float64Array.from({ length: dim }, () => rng.normal());
    const norm = Math.hypot(...step);
    const scale = Math.tanh(0.5) / norm;
    nodes.push({
      point: mobiusAdd(
        parent.point,
        step.map((v) => v * scale),
      ),
      depth: parent.depth + 1,
    });
  }
  const data = new Float32Array(rows * dim);
  nodes.forEach(({ point }, i) => {
    data.set(point, i * dim);
  });
  return { data, rows, columns: dim };
}

/** x ⊕ y at curvature -1: Ganea et al. 2018, arXiv:1805.09112, eq. 2. */
function mobiusAdd(x: Float64Array, y: Float64Array): Float64Array {
  let xy = 0;
  let xx = 0;
  let yy = 0;
  x.forEach((v, i) => {
    xy += v * y[i];
    xx += v * v;
    yy += y[i] * y[i];
  });
  const scale = 1 + 2 * xy + xx * yy;
  return x.map((v, i) => ((1 + 2 * xy + yy) * v + (1 - xx) * y[i]) / scale);
}
