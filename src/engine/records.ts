import type * as tf from './tf.js';

// The records that travel between layers on tensors. Those on plain arrays: src/core/records.ts.

/** One training or inference batch of n items. */
export interface Batch {
  /** [n, columns]: an item a row, laid out as the encoder says; grey images [n, height * width] in 0..1 */
  readonly rows: tf.Tensor2D;
  /** [n], int32; absent at inference */
  readonly labels?: tf.Tensor1D;
  /** [n, 2]: cosine and sine of the angle by which each image was turned; absent where unknown */
  readonly turns?: tf.Tensor2D;
}

/** What an encoder makes of a batch. */
export interface Features {
  /** [n, codeDim]: the same for x and g x */
  readonly code: tf.Tensor2D;
  /** [n, 2]: turns with the input; its direction is psi(x). Absent when the encoder has no group. */
  readonly orientation?: tf.Tensor2D;
}

/** n sets of up to N elements, or clouds of up to N points. */
export interface PointSets {
  /** [n, N, d]: elements, or positions in R^d; absent ones are zeros, after those that are there */
  readonly points: tf.Tensor3D;
  /** [n, N]: 1 where an element is there, 0 elsewhere */
  readonly mask: tf.Tensor2D;
  /** [n, N, f]: what each point is, the same whichever way the cloud lies; absent where points are all alike */
  readonly kinds?: tf.Tensor3D;
}

/** Which pairs of a batch attract and repel; 0/1 masks [n, n] with an empty diagonal. */
export interface PairPlan {
  readonly positives: tf.Tensor2D;
  readonly negatives: tf.Tensor2D;
}

/** A scalar to minimise and the parts it is made of, each a scalar too. */
export interface LossReport {
  readonly total: tf.Scalar;
  readonly parts: Readonly<Record<string, tf.Scalar>>;
}
