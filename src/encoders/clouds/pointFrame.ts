import * as tf from '../../engine/tf.js';

/** Below every length. */
const ABSENT = -1;
/** Below every squared length that is not zero, and its reciprocal still fits float32. */
const LEAST = 1e-30;

/**
 * Two vectors that turn with each cloud, read off its points: to the one farthest from the centre, and from that line to
 * the one farthest from it. Of points equally far the first is taken. In a symmetric cloud such points are each
 * other's images, so that any of them gives a right frame; the mean of equivariant vectors would be zero there.
 * No gradient.
 * @param places [n, N, 3], about the centre @param mask [n, N] @returns [n, 2, 3]
 */
export function farthestPoints(places: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
  const squared = tf.sum(tf.square(places), 2) as tf.Tensor2D;
  const first = farthest(places, squared, mask);
  const lengths = tf.maximum(tf.sum(tf.square(first), 2, true), LEAST);
  const along = tf.matMul(places, first, false, true);
  const across = tf.sub(places, tf.mul(tf.div(along, lengths), first)) as tf.Tensor3D;
  const second = farthest(across, tf.sum(tf.square(across), 2) as tf.Tensor2D, mask);
  return tf.concat([first, second], 1) as tf.Tensor3D;
}

/** [n, 1, 3] */
function farthest(vectors: tf.Tensor3D, squared: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor3D {
  const [n, N] = mask.shape;
  const lengths = tf.add(tf.mul(squared, mask), tf.mul(tf.sub(1, mask), ABSENT));
  const chosen = tf.oneHot(tf.argMax(lengths, 1) as tf.Tensor1D, N, 1, 0, 'float32');
  return tf.matMul(tf.reshape(chosen, [n, 1, N]) as tf.Tensor3D, vectors);
}
