import { requireInteger } from '../core/checks.js';
import * as tf from '../engine/tf.js';

/** Far below the square of any kernel's norm, and far above what float32 loses. */
const SMALLEST = 1e-30;

/**
 * An upper bound of the largest singular value σ of W, (Σ σ_i^q)^(1/q) with q = 2^(squarings + 2): at most rank^(1/q) times
 * σ, 1.7 % above it for rank 64 and the default, where power iteration would stay below. Differentiable; float32 keeps it
 * good to 1e-5. Call inside tidy.
 * @param W [inputs, outputs]; costs `squarings` products of square matrices of the smaller side
 * @throws UsageError unless squarings is a whole number >= 0
 * @source Delattre, Barthélemy, Araujo, Allauzen 2023, arXiv:2305.16173, algorithm 1 (Gram iteration)
 */
export function spectralNormBound(W: tf.Tensor2D, squarings = 6): tf.Scalar {
  requireInteger(squarings, 0, 'spectralNormBound squarings');
  const [inputs, outputs] = W.shape;
  let gram: tf.Tensor2D = tf.matMul(W, W, inputs >= outputs, inputs < outputs);
  const logs: tf.Tensor[] = [];
  for (let i = 0; i <= squarings; i++) {
    const squares = tf.maximum(tf.sum(tf.square(gram)), SMALLEST);
    // Half the logarithm of the norm, of σ² to the power 2^i.
    logs.push(tf.mul(tf.log(squares), 0.25 / 2 ** i));
    if (i === squarings) break;
    const scaled = tf.mul(gram, tf.rsqrt(squares)) as tf.Tensor2D;
    gram = tf.matMul(scaled, scaled);
  }
  return tf.exp(tf.addN(logs)) as tf.Scalar;
}
