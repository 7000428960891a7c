import * as tf from '../../engine/tf.js';

/** Below every length. */
const ABSENT = -1;
/** Below every squared length that is not zero, and its reciprocal still fits float32. */
const LEAST = 1e-30;

/** How much farther a point must lie to be chosen before one that is farther along the first vector, or to its left. */
const ALONG = 0.5;
const LEFT = 2;

/**
 * Two vectors that turn with each cloud, read off its points: to the one farthest from the centre, and from that line to
 * the one farthest from it. In a symmetric cloud the farthest points are each other's images, so that any of them gives a
 * right frame, where the mean of equivariant vectors would be zero. Points that are equally far from the line without
 * being images of each other are told apart by how far along the line they are and, as a mirror image would not be, by
 * on which side of the third moment they lie. Of points that nothing tells apart the first is taken. No gradient.
 * @param places [n, N, 3], about the centre @param mask [n, N] @returns [n, 2, 3]
 */
export function farthestPoints(places: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
  const [n, N] = mask.shape;
  const squared = tf.sum(tf.square(places), 2) as tf.Tensor2D;
  const first = farthest(places, squared, mask);
  const lengths = tf.sqrt(tf.maximum(tf.sum(tf.square(first), 2, true), LEAST)) as tf.Tensor3D;
  const axis: tf.Tensor3D = tf.div(first, lengths);
  const near: tf.Tensor3D = tf.div(places, lengths);
  const along = tf.matMul(near, axis, false, true);
  const across = tf.sub(near, tf.mul(along, axis)) as tf.Tensor3D;
  const distances = tf.sqrt(tf.sum(tf.square(across), 2, true));
  const moment = tf.matMul(
    tf.reshape(tf.div(squared, tf.square(tf.reshape(lengths, [n, 1]))), [n, 1, N]) as tf.Tensor3D,
    near,
  );
  const left = tf.matMul(across, cross(tf.div(moment, N), axis), false, true);
  const preference = tf.add(tf.mul(distances, tf.add(tf.mul(along, ALONG), 1)), tf.mul(left, LEFT));
  const second = farthest(across, tf.reshape(preference, [n, N]) as tf.Tensor2D, mask);
  return tf.concat([axis, second], 1) as tf.Tensor3D;
}

/** [n, 1, 3] */
function farthest(vectors: tf.Tensor3D, squared: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor3D {
  const [n, N] = mask.shape;
  const lengths = tf.add(tf.mul(squared, mask), tf.mul(tf.sub(1, mask), ABSENT));
  const chosen = tf.oneHot(tf.argMax(lengths, 1) as tf.Tensor1D, N, 1, 0, 'float32');
  return tf.matMul(tf.reshape(chosen, [n, 1, N]) as tf.Tensor3D, vectors);
}

/** Of vectors [n, 1, 3]. */
function cross(a: tf.Tensor, b: tf.Tensor): tf.Tensor3D {
  const [a0, a1, a2] = tf.split(a, 3, 2);
  const [b0, b1, b2] = tf.split(b, 3, 2);
  const minor = (p: tf.Tensor, q: tf.Tensor, r: tf.Tensor, s: tf.Tensor) =>
    tf.sub(tf.mul(p, q), tf.mul(r, s));
  return tf.concat([minor(a1, b2, a2, b1), minor(a2, b0, a0, b2), minor(a0, b1, a1, b0)], 2) as tf.Tensor3D;
}
