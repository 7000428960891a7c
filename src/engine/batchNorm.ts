import { nativeBatchNorm, nativeBatchNormGrad } from './nativeKernels.js';
import * as tf from './tf.js';

export const BATCH_NORM_EPSILON = 1e-3;

/** Mean and variance of one training batch, [channels] each, kept: whoever takes them disposes of them. */
export interface BatchStatistics {
  readonly mean: tf.Tensor1D;
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation with the batch's own statistics over all axes but the last.
 * @param x       [batch, height, width, channels]
 * @param onStatistics receives the batch's statistics, once a call, outside of the gradient tape
 * @returns       like x: scale (x - mean) / sqrt(variance + 1e-3) + offset
 * @source        Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 1; gradient in closed form
 */
export function trainingBatchNorm(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  onStatistics: (statistics: BatchStatistics) => void,
): tf.Tensor4D {
  const report = (mean: tf.Tensor, variance: tf.Tensor) =>
    onStatistics({
      mean: tf.keep(tf.clone(mean)) as tf.Tensor1D,
      variance: tf.keep(tf.clone(variance)) as tf.Tensor1D,
    });
  const op = tf.customGrad((...args) => {
    const [input, gamma, beta] = args as unknown as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
    const save = args[3] as unknown as tf.GradSaveFunc;
    const native = nativeBatchNorm(input, gamma, beta, BATCH_NORM_EPSILON);
    if (native) {
      const [y, mean, variance, ...reserves] = native;
      report(mean, variance);
      save([input, gamma, ...reserves]);
      return {
        value: y,
        gradFunc: (dy: tf.Tensor, [savedX, savedGamma, ...saved]: tf.Tensor[]) =>
          nativeBatchNormGrad(
            dy as tf.Tensor4D,
            savedX as tf.Tensor4D,
            savedGamma as tf.Tensor1D,
            saved,
            BATCH_NORM_EPSILON,
          ),
      };
    }
    const { mean, variance } = tf.moments(input, [0, 1, 2]);
    report(mean, variance);
    const inverse = tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON));
    const normal = tf.mul(tf.sub(input, mean), inverse);
    save([normal, gamma, inverse]);
    return { value: tf.add(tf.mul(normal, gamma), beta), gradFunc: composedGrad };
  });
  return op(x, scale, offset) as tf.Tensor4D;
}

function composedGrad(dy: tf.Tensor, [normal, gamma, inverse]: tf.Tensor[]): tf.Tensor[] {
  const count = normal.size / gamma.size;
  const dBeta = tf.sum(dy, [0, 1, 2]);
  const dGamma = tf.sum(tf.mul(dy, normal), [0, 1, 2]);
  const centred = tf.sub(tf.sub(dy, tf.div(dBeta, count)), tf.mul(normal, tf.div(dGamma, count)));
  return [tf.mul(centred, tf.mul(gamma, inverse)), dGamma, dBeta];
}
