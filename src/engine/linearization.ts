import type * as tf from './tf.js';

/**
 * A map of rows at one batch of points: its value and its derivative J there, as two linear maps made of ordinary ops, so
 * that a penalty of J needs one gradient and no second. Directions may be many for each point: [k, n, columns].
 */
export interface Linearization {
  /** [n, outputs] */
  readonly value: tf.Tensor2D;
  /** v [..., n, inputs] -> J v [..., n, outputs] */
  pushforward(v: tf.Tensor): tf.Tensor;
  /** u [..., n, outputs] -> Jᵀ u [..., n, inputs] */
  pullback(u: tf.Tensor): tf.Tensor;
}
