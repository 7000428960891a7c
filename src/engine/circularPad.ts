import * as tf from './tf.js';

/**
 * Continues the third axis round the circle: the last `before` columns in front, the first `after` behind.
 * @param x [batch, height, width, channels] with before, after <= width
 * @returns [batch, height, before + width + after, channels]
 */
export function circularPad(x: tf.Tensor4D, before: number, after: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const take = (t: tf.Tensor, from: number, size: number) =>
    tf.slice(t as tf.Tensor4D, [0, 0, from, 0], [batch, height, size, channels]);
  // The gradient of each slice alone would be padded to the full size; here it is sliced, then added at the ends.
  const op = tf.customGrad((input) => ({
    value: tf.concat(
      [
        take(input as tf.Tensor, width - before, before),
        input as tf.Tensor,
        take(input as tf.Tensor, 0, after),
      ],
      2,
    ),
    gradFunc: (dy: tf.Tensor) => {
      const [front, middle, back] = tf.split(dy, [before, width, after], 2);
      const [first, rest, last] = tf.split(middle, [after, width - before - after, before], 2);
      return tf.concat([tf.add(first, back), rest, tf.add(last, front)], 2);
    },
  }));
  return op(x) as tf.Tensor4D;
}
