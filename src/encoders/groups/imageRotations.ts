import * as tf from '../../engine/tf.js';
import { affineImages } from './affineImages.js';
import type { BatchGroup } from './batchGroup.js';
import { directions } from './direction.js';

/**
 * SO(2) on images [n, height, width, channels] about their centre, bilinear, zero outside; multiples of 90 degrees of a square
 * only permute its pixels, up to rounding. ψ takes a vector (right, up) of frequency 1 to its direction, (0, 0) to the
 * identity. Elements [n, 2]: cosine and sine, counter-clockwise.
 * @source Winter et al. 2022, arXiv:2202.07559, section 3.3
 */
export const imageRotations: BatchGroup<tf.Tensor4D, tf.Tensor2D, tf.Tensor2D> = {
  name: 'SO(2) on images',
  fromFeatures: (features) => directions(features),
  act(g, images) {
    const [cos, sin] = tf.split(g, 2, 1);
    return affineImages(images, centred([cos, sin], [tf.neg(sin), cos]));
  },
  inverse(g) {
    const [cos, sin] = tf.split(g, 2, 1);
    return tf.concat([cos, tf.neg(sin)], 1) as tf.Tensor2D;
  },
};

/** Features of O(2): two vectors [n, 2] of frequency 1 that reflections move too. */
export interface TwoVectors {
  readonly first: tf.Tensor2D;
  readonly second: tf.Tensor2D;
}

/**
 * O(2) on images. ψ takes two vectors to the rotation whose first column is the first one's direction, mirrored where the
 * second lies clockwise of it; on it, or where it is 0, not. Elements [n, 3]: cosine, sine, and -1 where
 * mirrored ((right, up) -> (right, -up), before the turn), else 1. Mirroring is a choice: it has no gradient.
 */
export const imageIsometries: BatchGroup<tf.Tensor4D, TwoVectors, tf.Tensor2D> = {
  name: 'O(2) on images',
  fromFeatures({ first, second }) {
    const direction = directions(first);
    const [a, b] = tf.split(first, 2, 1);
    const [c, d] = tf.split(second, 2, 1);
    const cross = tf.sub(tf.mul(a, d), tf.mul(b, c));
    // 1 for a determinant >= 0, else -1; NaN stays.
    const side = tf.add(tf.sub(1, tf.mul(tf.step(tf.neg(cross)), 2)), tf.mul(cross, 0));
    return tf.concat([direction, side], 1) as tf.Tensor2D;
  },
  act(g, images) {
    const [cos, sin, side] = tf.split(g, 3, 1);
    // (R S)⁻¹ = S Rᵀ
    return affineImages(images, centred([cos, sin], [tf.neg(tf.mul(side, sin)), tf.mul(side, cos)]));
  },
  inverse(g) {
    // (R S)⁻¹ = S R⁻¹ = R S where mirrored, else R⁻¹.
    const [cos, sin, side] = tf.split(g, 3, 1);
    return tf.concat([cos, tf.neg(tf.mul(side, sin)), side], 1) as tf.Tensor2D;
  },
};

/** Maps [n, 2, 3] with the given rows, columns [n, 1], and no shift. */
function centred(first: readonly tf.Tensor[], second: readonly tf.Tensor[]): tf.Tensor3D {
  const none = tf.zerosLike(first[0]);
  const n = first[0].shape[0];
  return tf.reshape(tf.concat([...first, none, ...second, none], 1), [n, 2, 3]) as tf.Tensor3D;
}
