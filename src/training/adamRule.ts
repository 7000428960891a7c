import * as tf from '../engine/tf.js';

/** beta * mean + (1 - beta) * value. */
export function movingMean<T extends tf.Tensor>(mean: T, value: T, beta: number): T {
  return tf.add(tf.mul(mean, beta), tf.mul(value, 1 - beta)) as T;
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
