import * as tf from '../../engine/tf.js';

/**
 * Each row divided by its norm and multiplied by `length`; a row of zeros stays as it is and has the gradient 0, since
 * it has no direction. Closed form, once differentiable. Call inside tidy.
 */
export function unitRows(x: tf.Tensor2D, length = 1): tf.Tensor2D {
  const op = tf.customGrad((...args) => {
    const [rows, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const inverse = tf.divNoNan(length, tf.sqrt(tf.sum(tf.square(rows), 1, true)));
    const value = tf.mul(rows, inverse);
    save([value, inverse]);
    const gradFunc = (dy: tf.Tensor, [unit, scale]: tf.Tensor[]) => {
      const along = tf.mul(tf.sum(tf.mul(unit, dy), 1, true), 1 / (length * length));
      return tf.mul(scale, tf.sub(dy, tf.mul(unit, along)));
    };
    return { value, gradFunc };
  });
  return op(x) as tf.Tensor2D;
}
