import * as tf from '../engine/tf.js';

export interface AdamRates {
  /** Decay of the first moment, in [0, 1). */
  readonly beta1: number;
  /** Decay of the second moment, in [0, 1). */
  readonly beta2: number;
  /** > 0 */
  readonly epsilon: number;
}

/** beta * mean + (1 - beta) * value. */
export function movingMean<T extends tf.Tensor>(mean: T, value: T, beta: number): T {
  return tf.add(tf.mul(mean, beta), tf.mul(value, 1 - beta)) as T;
}

/**
 * Learning rate and epsilon with both bias corrections of the step `steps` (1 the first) put into them.
 * @source Kingma and Ba 2015, arXiv:1412.6980, section 2
 */
export function unbiased(learningRate: number, steps: number, { beta1, beta2, epsilon }: AdamRates) {
  const unbias = Math.sqrt(1 - beta2 ** steps);
  return { rate: (learningRate * unbias) / (1 - beta1 ** steps), epsilon: epsilon * unbias };
}

/** first / (√second + epsilon) * rate, what a step subtracts; rate and epsilon from `unbiased`. */
export function adamStep<T extends tf.Tensor>(
  first: T,
  second: tf.Tensor,
  rate: number | tf.Tensor,
  epsilon: number | tf.Tensor,
): T {
  return tf.mul(tf.div(first, tf.add(tf.sqrt(second), epsilon)), rate) as T;
}
