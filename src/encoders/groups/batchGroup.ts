import type * as tf from '../../engine/tf.js';

/** Where a training stands, for what changes on the way. */
export interface Moment {
  readonly training: boolean;
  /** Share of the training that is done, 0..1; 1 at inference. */
  readonly progress: number;
}

export const AT_INFERENCE: Moment = { training: false, progress: 1 };

/**
 * A group on tensors: one element an item of a batch. The twin of a `Group` of numbers, which states its laws.
 * X is a batch of items, F of features that turn with them, G of elements; all three are tensors or records of
 * tensors with n in front. All functions are differentiable and are called inside tidy.
 * @source Winter et al. 2022, arXiv:2202.07559, section 3
 */
export interface BatchGroup<X, F, G> {
  readonly name: string;
  /**
   * ψ: ψ(g f) = g ψ(f) for features with a trivial stabiliser; elsewhere some element and a finite gradient, never NaN
   * for finite features.
   */
  fromFeatures(features: F, moment: Moment): G;
  act(g: G, x: X): X;
  inverse(g: G): G;
  /** What ψ asks of a training beside the reconstruction; absent: nothing. */
  penalty?(g: G): tf.Scalar;
}
