import type { ModuleSpec, Pass } from '../engine/network.js';
import type * as tf from '../engine/tf.js';
import type { Metric } from '../manifolds/manifold.js';

/** Maps codes to points of one space. */
export interface Head extends ModuleSpec {
  readonly name: string;
  /** How points are compared, and the space that they lie in. */
  readonly metric: Metric;
  /** Columns of the linear map's output, before the space is entered. */
  readonly dim: number;
  /** code [n, codeDim] -> [n, dim]: what `toPoints` takes, for a manifold a tangent vector at its origin */
  tangent(pass: Pass, code: tf.Tensor2D): tf.Tensor2D;
  /** [n, dim] -> points [n, columns] */
  toPoints(tangent: tf.Tensor2D): tf.Tensor2D;
}
