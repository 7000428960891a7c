import type { Space } from '../core/space.js';
import type * as tf from '../engine/tf.js';

/** Sectional curvature K, 1/u²: a number, or a scalar tensor where it is learned. */
export type Curvature = number | tf.Scalar;

/** What `pairwise` is told about the items behind the rows. */
export interface PairwiseOptions {
  /**
   * 'diagonal': row i of x and row i of y are one item, whose distance is 0. Only a star needs to be told, alone or as
   * a factor: its distance comes from no coordinates of a common space. Default 'none'.
   */
  readonly same?: 'diagonal' | 'none';
}

/** Distances on tensors. Rows are points, [n, columns]; distances are in the unit u that makes curvature 1/u². */
export interface Metric {
  /** As it was asked for: where the curvature is learned, its curvature is the one at the start. */
  readonly space: Space;
  /** Distances of each row of x to each row of y: [n, columns], [m, columns] -> [n, m], without an n x m x columns array. */
  pairwise(x: tf.Tensor2D, y: tf.Tensor2D, options?: PairwiseOptions): tf.Tensor2D;
  /** Distance of row i of x to row i of y: two [n, columns] -> [n]. */
  dist(x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor1D;
}

/**
 * A Riemannian manifold on tensors, row by row: the float64 twin is geometry's `Manifold`. Tangent vectors have the
 * columns of points. Nothing is clamped or moved onto the manifold behind the caller's back: `project` does that.
 */
export interface Manifold extends Metric {
  readonly columns: number;
  /** Numbers that a tangent vector needs: one less than the columns of a sphere or hyperboloid. */
  readonly dimension: number;
  /** Riemannian inner product of the tangent vectors u and v at x: [n, 1]. */
  inner(x: tf.Tensor2D, u: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor2D;
  exp(x: tf.Tensor2D, u: tf.Tensor2D): tf.Tensor2D;
  log(x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D;
  /** Tangent vector at the origin -> point. */
  exp0(v: tf.Tensor2D): tf.Tensor2D;
  /** Point -> tangent vector at the origin: log0(exp0(v)) = v. */
  log0(x: tf.Tensor2D): tf.Tensor2D;
  /** Parallel transport of u from x to y along the shortest geodesic. */
  transport(x: tf.Tensor2D, y: tf.Tensor2D, u: tf.Tensor2D): tf.Tensor2D;
  /** The nearest point of the manifold that float32 can work with; points on it stay as they are. */
  project(x: tf.Tensor2D): tf.Tensor2D;
  /** The part of v that is tangent at x. */
  projectTangent(x: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor2D;
  /** Euclidean gradient at x -> Riemannian gradient. */
  egrad2rgrad(x: tf.Tensor2D, g: tf.Tensor2D): tf.Tensor2D;
  /** [1, columns] */
  origin(): tf.Tensor2D;
  /** Coordinates in an orthonormal frame at the origin, [n, dimension] -> tangent vectors there, [n, columns]. */
  frame(coordinates: tf.Tensor2D): tf.Tensor2D;
}
