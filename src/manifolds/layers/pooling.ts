import * as tf from '../../engine/tf.js';
import { squaredNorm } from '../stable.js';
import { conformalFactor, project } from '../stereographic.js';
import {
  asRows,
  type CurvatureSource,
  curvatureIn,
  inTangentSpace,
  type Layer,
  NO_WEIGHTS,
} from './layer.js';
import { requireWindows, type WindowOptions, windowEntries, windowSize } from './windows.js';

/** `stride` defaults to the kernel. */
export type PoolingOptions = WindowOptions & { readonly curvature: CurvatureSource };

/**
 * Gyromidpoint of each window, V / (T + √(T² + K|V|²)) with V = Σ λ x and T = Σ (λ - 1); padding is the
 * origin and counts as a point. [n, height, width, d] -> [n, windows down, windows across, d].
 * @throws UsageError for a kernel, stride, padding or dilation that is none
 * @source van Spengler, Berkhout, Mettes 2023, arXiv:2303.14027
 */
export function hyperbolicAveragePool2d(options: PoolingOptions): Layer<tf.Tensor4D> {
  requireWindows(options, 'hyperbolicAveragePool2d');
  const windows = { stride: options.kernel, ...options };
  return {
    ...NO_WEIGHTS,
    apply(pass, images) {
      const K = curvatureIn(pass, options.curvature);
      return tf.tidy(() => {
        const [batch, height, width, channels] = images.shape;
        const points = asRows(images);
        const lambda = conformalFactor(points, K);
        // λ - 2 instead of λ - 1, so that padding with the origin is padding with 0.
        const terms = tf.concat([tf.mul(points, lambda), tf.sub(lambda, 2)], 1);
        const map = tf.reshape(terms, [batch, height, width, channels + 1]) as tf.Tensor4D;
        const mean = tf.div(tf.addN(windowEntries(map, windows)), windowSize(windows)) as tf.Tensor4D;
        const [V, excess] = tf.split(asRows(mean), [channels, 1], 1) as [tf.Tensor2D, tf.Tensor2D];
        const T = tf.add(excess, 1);
        // For K < 0 a mean of points of the hyperboloid is at least as long as they are; rounding may say otherwise.
        const least = tf.step(tf.mul(K, -1));
        const squared = tf.add(tf.square(T), tf.mul(squaredNorm(V), K));
        const R = tf.sqrt(tf.add(least, tf.relu(tf.sub(squared, least))));
        const midpoints = project(tf.div(V, tf.add(R, T)) as tf.Tensor2D, K);
        const [, down, across] = mean.shape;
        return tf.reshape<tf.Rank.R4>(midpoints, [batch, down, across, channels]);
      });
    },
  };
}

/**
 * Largest tangent coordinate at the origin of each window, one channel at a time; padding never is.
 * [n, height, width, d] -> [n, windows down, windows across, d].
 * @throws UsageError for a kernel, stride, padding or dilation that is none
 */
export function hyperbolicMaxPool2d(options: PoolingOptions): Layer<tf.Tensor4D> {
  requireWindows(options, 'hyperbolicMaxPool2d');
  const windows = { stride: options.kernel, ...options };
  return {
    ...NO_WEIGHTS,
    apply(pass, images) {
      const K = curvatureIn(pass, options.curvature);
      return tf.tidy(() =>
        inTangentSpace(images, K, (tangent) =>
          windowEntries(tangent as tf.Tensor4D, windows, Number.NEGATIVE_INFINITY).reduce((a, b) =>
            tf.maximum(a, b),
          ),
        ),
      );
    },
  };
}
