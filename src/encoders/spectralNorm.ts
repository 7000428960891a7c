import { requireInteger } from '../core/checks.js';
import * as tf from '../engine/tf.js';
import { closedForm } from '../manifolds/closed/closedForm.js';

/** Far below the square of any kernel's norm, and far above what float32 loses. */
const SMALLEST = 1e-30;

/**
 * An upper bound of the largest singular value σ of W, B = (Σ σ_i^q)^(1/q) with q = 2^(squarings + 2): at most rank^(1/q)
 * times σ, 1.7 % above it for rank 64 and the default, where power iteration would stay below. Differentiable; float32
 * keeps it good to 1e-5. Call inside tidy.
 * @param W [inputs, outputs]; costs `squarings` products of square matrices of the smaller side, twice with the gradient
 * @throws UsageError unless squarings is a whole number >= 0
 * @source Delattre, Barthélemy, Araujo, Allauzen 2023, arXiv:2305.16173, algorithm 1 (Gram iteration)
 */
export function spectralNormBound(W: tf.Tensor2D, squarings = 6): tf.Scalar {
  requireInteger(squarings, 0, 'spectralNormBound squarings');
  return closedForm(
    [W] as const,
    (kernel) => gramIteration(kernel, squarings).bound,
    (kernel) => {
      const { bound, powers } = gramIteration(kernel, squarings);
      return { value: bound, kept: [bound, ...powers] };
    },
    (dy, [kernel], [bound, ...powers]) => [tf.mul(dy, slope(kernel, bound, powers as tf.Tensor2D[]))],
  );
}

const isTall = ({ shape: [inputs, outputs] }: tf.Tensor2D): boolean => inputs >= outputs;

/** B, and S = WᵀW (or WWᵀ) to the powers 1, 2, 4, ..., each up to a factor. */
function gramIteration(W: tf.Tensor2D, squarings: number): { bound: tf.Scalar; powers: tf.Tensor2D[] } {
  const powers: tf.Tensor2D[] = [tf.matMul(W, W, isTall(W), !isTall(W))];
  const logs: tf.Tensor[] = [];
  for (let i = 0; i <= squarings; i++) {
    const squares = tf.maximum(tf.sum(tf.square(powers[i])), SMALLEST);
    // Half the logarithm of the norm, of σ² to the power 2^i.
    logs.push(tf.mul(tf.log(squares), 0.25 / 2 ** i));
    const scaled = tf.mul(powers[i], tf.rsqrt(squares)) as tf.Tensor2D;
    powers[i] = scaled;
    if (i < squarings) powers.push(tf.matMul(scaled, scaled));
  }
  return { bound: tf.exp(tf.addN(logs)) as tf.Scalar, powers };
}

/** ∂B/∂W = B W P / tr(S P), P any multiple of S^(q/2 - 1), which is the product of all powers. */
function slope(W: tf.Tensor2D, bound: tf.Tensor, powers: readonly tf.Tensor2D[]): tf.Tensor {
  const product = powers.reduce((a, b) => tf.matMul(a, b));
  const along = isTall(W) ? tf.matMul(W, product) : tf.matMul(product, W);
  // tr(S P) = Σ W · (W P); 0 for a kernel of zeros, whose slope is 0.
  return tf.mul(along, tf.divNoNan(bound, tf.sum(tf.mul(along, W))));
}
