import * as tf from '../../engine/tf.js';

/**
 * Frames of space from two vectors each, whose gradient is in closed form: in the coordinates of its own frame an item's
 * first vector is (a, 0, 0) and its second (c, b, 0), and only turns of the frame count. Items whose vectors do not both
 * count (one short, or both on a line) pass no gradient on.
 * @param features [n, 2, 3] @param make features -> [n, 3, 3], columns by Gram and Schmidt, right-handed
 * @param least features -> [n, 1], the squared length from which on a vector counts
 */
export function framesOfPairs(
  features: tf.Tensor3D,
  make: (features: tf.Tensor3D) => tf.Tensor3D,
  least: (features: tf.Tensor3D) => tf.Tensor2D,
): tf.Tensor3D {
  const op = tf.customGrad((x, save) => {
    const value = make(x as unknown as tf.Tensor3D);
    (save as tf.GradSaveFunc)([x as tf.Tensor, value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [pairs, frames] = saved as [tf.Tensor3D, tf.Tensor3D];
        return pulledBack(dy as tf.Tensor3D, pairs, frames, least(pairs));
      },
    };
  });
  return op(features) as tf.Tensor3D;
}

function pulledBack(
  dFrames: tf.Tensor3D,
  features: tf.Tensor3D,
  frames: tf.Tensor3D,
  least: tf.Tensor2D,
): tf.Tensor3D {
  const [n] = features.shape;
  const [a, , , c, b] = columns(tf.matMul(features, frames), 6);
  const along = tf.matMul(frames, dFrames, true);
  const turns = columns(tf.sub(along, tf.transpose(along, [0, 2, 1])), 9);
  const [xy, xz, yz] = [turns[3], turns[6], turns[7]];
  const shorter = tf.minimum(tf.square(a), tf.square(b));
  const counts = tf.step(tf.sub(shorter, least));
  // 1 in place of a length that is not divided by.
  const rest = tf.sub(1, counts);
  const [first, second] = [a, b].map((length) => tf.add(tf.mul(length, counts), rest));
  const share = tf.div(counts, first);
  const secondAcross = tf.div(tf.mul(yz, counts), second);
  const firstAcross = tf.mul(share, tf.sub(xz, tf.mul(c, secondAcross)));
  const none = tf.zerosLike(a);
  const parts = [none, tf.mul(share, xy), firstAcross, none, none, secondAcross] as tf.Tensor2D[];
  return tf.matMul(tf.reshape(tf.concat(parts, 1), [n, 2, 3]) as tf.Tensor3D, frames, false, true);
}

const columns = (x: tf.Tensor3D, count: number): tf.Tensor2D[] =>
  tf.split(tf.reshape(x, [-1, count]) as tf.Tensor2D, count, 1);
