import type { Space } from '../core/space.js';
import type * as tf from '../engine/tf.js';

/** A space on tensors. Rows are points, [n, columns]; distances are in the unit u that makes curvature 1/u². */
export interface Manifold {
  readonly space: Space;
  /** Distances of each row of x to each row of y: [n, d], [m, d] -> [n, m], without an n x m x d array. */
  pairwise(x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D;
  /** Tangent vector at the origin -> point. */
  exp0(v: tf.Tensor2D): tf.Tensor2D;
  /** Point -> tangent vector at the origin: log0(exp0(v)) = v. */
  log0(x: tf.Tensor2D): tf.Tensor2D;
}
