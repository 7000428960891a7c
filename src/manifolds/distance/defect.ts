import * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';

/**
 * 1 + K|x|², the inverse of half the conformal factor, to float32 accuracy also near the rim of a ball, where the
 * plain sum has lost all its digits. At D = 128 and a value of 1e-6 the relative error is below 1e-3; it shrinks in
 * proportion as the value grows. A number K is used in float64, a tensor as the float32 it holds.
 * @param x [n, d]
 * @param curvature K of any sign
 * @returns [n, 1]; gradients 2Kx to x and |x|² to K, both differentiable again
 * @source the split of a float32 and its exact product: Dekker 1971, doi:10.1007/BF01397083
 */
export function defect(x: tf.Tensor2D, curvature: Curvature): tf.Tensor2D {
  if (typeof curvature === 'number') {
    const op = tf.customGrad((...args) => {
      const [p, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
      save([p]);
      const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0], tf.mul(dy, 2 * curvature));
      return { value: onePlus(p, halvesOf(curvature)), gradFunc };
    });
    return tf.tidy(() => op(x) as tf.Tensor2D);
  }
  const op = tf.customGrad((...args) => {
    const [p, K, save] = args as unknown as [tf.Tensor2D, tf.Scalar, tf.GradSaveFunc];
    save([p, K]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => [
      tf.mul(saved[0], tf.mul(dy, tf.mul(saved[1], 2))),
      tf.reshape(tf.sum(tf.mul(dy, tf.sum(tf.square(saved[0]), 1, true))), saved[1].shape),
    ];
    return { value: onePlus(p, { whole: K, ...halves(K) }), gradFunc };
  });
  return tf.tidy(() => op(x, curvature) as tf.Tensor2D);
}

type Value = number | tf.Tensor;
interface Halves {
  readonly whole: Value;
  /** The leading 12 bits, so that the product of two of them is exact in float32, and the rest. */
  readonly high: Value;
  readonly low: Value;
}

/**
 * x = near + rest, `near` on a grid of about 2^-11 of the radius: Σ near² is exact in float32 inside the ball, and
 * Σ (x - near)(x + near) is small. Adding and subtracting `anchor` rounds to its grid, a power of two for any K.
 */
function onePlus(x: tf.Tensor2D, { whole, high, low }: Halves): tf.Tensor {
  const anchor = anchorOf(whole);
  const near = tf.sub(tf.add(x, anchor), anchor);
  const squares = tf.sum(tf.square(near), 1, true);
  const rest = tf.sum(tf.mul(tf.sub(x, near), tf.add(x, near)), 1, true);
  // Times a power of two all products are exact as they are.
  if (typeof whole === 'number' && isPowerOfTwo(whole)) return plus(plus(1, squares, whole), rest, whole);
  const parts = halves(squares);
  const leading = tf.add(tf.mul(parts.high, high), 1);
  const trailing = tf.add(tf.add(tf.mul(parts.low, high), tf.mul(squares, low)), tf.mul(rest, whole));
  return tf.add(leading, trailing);
}

function anchorOf(K: Value): Value {
  if (typeof K === 'number') return Math.fround(2 ** 13 / Math.sqrt(Math.max(Math.abs(K), SMALLEST)));
  return tf.mul(tf.rsqrt(tf.maximum(tf.abs(K), SMALLEST)), 2 ** 13);
}

const isPowerOfTwo = (K: number): boolean => Number.isInteger(Math.log2(Math.abs(K)));

/** sum + K t. */
function plus(sum: number | tf.Tensor, t: tf.Tensor, K: number): tf.Tensor {
  return K === -1 ? tf.sub(sum, t) : tf.add(sum, tf.mul(t, K));
}

/** Below this |K| the anchor stays where it is: finite, and far above any x. */
const SMALLEST = 1e-30;
const SPLIT = 2 ** 12 + 1;

function halves(value: tf.Tensor): { high: tf.Tensor; low: tf.Tensor } {
  const scaled = tf.mul(value, SPLIT);
  const high = tf.sub(scaled, tf.sub(scaled, value));
  return { high, low: tf.sub(value, high) };
}

/** `low` also holds what a float32 of the number would have lost. */
function halvesOf(value: number): Halves {
  const scaled = Math.fround(Math.fround(value) * SPLIT);
  const high = Math.fround(scaled - Math.fround(scaled - Math.fround(value)));
  return { whole: value, high, low: value - high };
}
