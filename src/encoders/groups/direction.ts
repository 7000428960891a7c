import * as tf from '../../engine/tf.js';

/** The gradient of a direction grows as 1 / length: vectors shorter than this pull as though they were this long. */
export const SHORTEST_PULL = 1e-4;

/**
 * The directions of vectors in the plane, of length 1; (1, 0) for (0, 0).
 * @param v [n, 2]
 * @returns [n, 2]; NaN where v is
 */
export function directions(v: tf.Tensor2D): tf.Tensor2D {
  const op = tf.customGrad((...args) => {
    const [input, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    // Divided by the largest number first: squares of small ones would vanish.
    const largest = tf.max(tf.abs(input), 1, true);
    const isZero = tf.sub(1, tf.step(largest));
    const scaled = tf.div(input, tf.add(largest, isZero));
    const known = tf.add(scaled, tf.mul(isZero, tf.tensor2d([[1, 0]])));
    const unit = tf.mul(known, tf.rsqrt(tf.sum(tf.square(known), 1, true)));
    const length = tf.mul(largest, tf.sqrt(tf.sum(tf.square(scaled), 1, true)));
    save([unit, length]);
    return {
      value: unit,
      gradFunc: (dy: tf.Tensor, [u, l]: tf.Tensor[]) => {
        const across = tf.sub(dy, tf.mul(u, tf.sum(tf.mul(u, dy), 1, true)));
        return tf.div(across, tf.maximum(l, SHORTEST_PULL));
      },
    };
  });
  return op(v) as tf.Tensor2D;
}
