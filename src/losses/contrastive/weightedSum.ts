import { type FusedKernels, fused } from '../../engine/fused.js';
import { borrowFloats } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';

/**
 * Σ factors[p] parts[p], with all derivatives. Where the factors are numbers and fused kernels are registered, the values
 * stay on the host, where the kernels of losses read them.
 * @param parts [n, m] each, at least one
 */
export function weightedSum(
  parts: readonly tf.Tensor2D[],
  factors: readonly (number | tf.Scalar)[],
): tf.Tensor2D {
  const kernels = fused('pairs');
  const numbers = factors.filter((factor) => typeof factor === 'number');
  if (kernels && numbers.length === factors.length) return onHost(kernels, parts, numbers);
  const weighted = parts.map((part, p) => tf.mul(part, factors[p]) as tf.Tensor2D);
  return weighted.length === 1 ? weighted[0] : tf.addN(weighted);
}

function onHost(
  kernels: FusedKernels['pairs'],
  parts: readonly tf.Tensor2D[],
  factors: readonly number[],
): tf.Tensor2D {
  const op = tf.customGrad((...args) => ({
    value: tf.tensor2d(
      kernels.sum(
        parts.map((_, p) => borrowFloats(args[p] as tf.Tensor)),
        factors,
      ),
      parts[0].shape,
    ),
    gradFunc: (dy: tf.Tensor) => factors.map((factor) => onHost(kernels, [dy as tf.Tensor2D], [factor])),
  }));
  return op(...parts) as tf.Tensor2D;
}
