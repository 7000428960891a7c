import * as tf from '../engine/tf.js';

/**
 * Mean of 1 - cos between the predicted orientation and the angle by which each image was turned, so that psi has a
 * meaning that a person can check: the angle back to upright.
 * @param orientation [n, 2], any norm; turns: [n, 2], cosine and sine
 * @returns scalar in 0..2
 */
export function orientationLoss(orientation: tf.Tensor2D, turns: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(orientation), 1), 1e-12));
    const cosine = tf.div(tf.sum(tf.mul(orientation, turns), 1), norm);
    return tf.sub(1, tf.mean(cosine)) as tf.Scalar;
  });
}
