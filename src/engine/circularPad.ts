import * as tf from './tf.js';

/**
 * Continues the third axis round the circle: the last `before` columns in front, the first `after` behind.
 * @param x [batch, height, width, channels] with before, after <= width
 * @returns [batch, height, before + width + after, channels]
 */
export function circularPad(x: tf.Tensor4D, before: number, after: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  // Two axes: backends copy long rows much faster than slices of a four-dimensional array.
  const rows = (t: tf.Tensor, columns: number) =>
    tf.reshape(t, [batch * height, columns * channels]) as tf.Tensor2D;
  const back = (t: tf.Tensor, columns: number) => tf.reshape(t, [batch, height, columns, channels]);
  const total = before + width + after;
  const op = tf.customGrad((input) => {
    const flat = rows(input as tf.Tensor, width);
    const take = (from: number, size: number) => tf.slice(flat, [0, from * channels], [-1, size * channels]);
    return {
      value: back(tf.concat([take(width - before, before), flat, take(0, after)], 1), total),
      // The gradient of each slice alone would be padded to the full size; here it is split, then added at the ends.
      gradFunc: (dy: tf.Tensor) => {
        const sizes = [before, after, width - before - after, before, after].map((size) => size * channels);
        const [front, first, rest, last, end] = tf.split(rows(dy, total), sizes, 1);
        return back(tf.concat([tf.add(first, end), rest, tf.add(last, front)], 1), width);
      },
    };
  });
  return op(x) as tf.Tensor4D;
}
