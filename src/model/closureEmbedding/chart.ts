import { columnsOf, type Space } from '../../core/space.js';
import * as tf from '../../engine/tf.js';
import type { Metric } from '../../manifolds/manifold.js';
import { manifoldOn, metricOn } from '../../manifolds/manifoldOn.js';
import type { ClosureConfig } from './config.js';

/** How the numbers of an item become a point. */
export interface Chart {
  /** Where the trained numbers live: what the optimiser moves them in. */
  readonly parameters: Space;
  /** Distances of points, whose offsets may be negative: a softmax over distances from u is blind to their sum. */
  readonly metric: Metric;
  /** [n, columnsOf(parameters)] -> [n, columnsOf(metric.space)], differentiable. */
  toPoints(rows: tf.Tensor2D): tf.Tensor2D;
}

/** @returns the chart of a config; hyperbolic tangent vectors become points of the hyperboloid, which has no rim */
export function chartOf(config: ClosureConfig): Chart {
  const { geometry, star, numbers } = config;
  const dim = star ? numbers - 1 : numbers;
  const flat = geometry === 'euclidean';
  const own: Space = flat ? { kind: 'euclidean', dim } : { kind: geometry, dim, curvature: -1 };
  if (flat && !star) return identity(own);
  if (config.parameters === 'points' && !star) return identity(own);
  const space: Space = flat ? own : { kind: 'lorentz', dim, curvature: -1 };
  const manifold = manifoldOn(space);
  const lift = (v: tf.Tensor2D) => (flat ? v : manifold.exp0(manifold.frame(v)));
  const parameters: Space = { kind: 'euclidean', dim: numbers };
  if (!star) return { parameters, metric: manifold, toPoints: lift };
  const factors = [space, { kind: 'star', dim: 1 } as const].map((factor) => ({ space: factor, weight: 1 }));
  return {
    parameters,
    metric: metricOn({ kind: 'product', combine: 'sum', factors }),
    toPoints(rows) {
      const [v, offsets] = tf.split(rows, [dim, 1], 1) as [tf.Tensor2D, tf.Tensor2D];
      return tf.concat([lift(v), offsets], 1);
    },
  };
}

function identity(space: Space): Chart {
  return { parameters: space, metric: metricOn(space), toPoints: (rows) => tf.clone(rows) };
}

/** Starting values of one item: its point lies about `startNorm` from the origin, in a random direction. */
export function startRow(chart: Chart, normals: Float32Array, startNorm: number): Float32Array {
  const { parameters } = chart;
  const row = new Float32Array(columnsOf(parameters));
  const scale = startNorm / Math.sqrt(normals.length);
  // At this distance from the origin every space is flat: a ball's coordinate is half the length.
  const shrink = parameters.kind === 'poincare' ? scale / 2 : scale;
  const from = parameters.kind === 'lorentz' ? 1 : 0;
  for (let k = 0; k < normals.length; k++) row[from + k] = shrink * normals[k];
  if (from === 1) row[0] = Math.hypot(1, ...row.subarray(1));
  return row;
}
