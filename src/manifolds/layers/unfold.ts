import * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';
import { betaRatio } from './beta.js';
import { type CurvatureSource, curvatureIn, inTangentSpace, type Layer, NO_WEIGHTS } from './layer.js';
import { requireWindows, type WindowOptions, windowEntries, windowSize } from './windows.js';

/**
 * β-concatenation of the points of each window; padding is the origin.
 * @param images [n, height, width, d] @returns [n, windows down, windows across, kernel height * kernel width
 *   * d], the entries of a window row by row, its channels fastest
 * @throws ShapeError where a window is larger than the padded image
 * @source Shimizu, Mukuta, Harada 2021, arXiv:2006.08210, convolutional layers
 */
export function hyperbolicPatches(images: tf.Tensor4D, options: WindowOptions, K: Curvature): tf.Tensor4D {
  const channels = images.shape[3];
  const ratio = betaRatio(channels, channels * windowSize(options));
  return tf.tidy(() =>
    inTangentSpace(
      images,
      K,
      (tangent) => tf.mul(tf.concat(windowEntries(tangent as tf.Tensor4D, options), 3), ratio) as tf.Tensor4D,
    ),
  );
}

/**
 * `hyperbolicPatches` as a layer. @throws UsageError for a kernel, stride, padding or dilation that is none
 */
export function hyperbolicUnfold(
  options: WindowOptions & { readonly curvature: CurvatureSource },
): Layer<tf.Tensor4D> {
  requireWindows(options, 'hyperbolicUnfold');
  return {
    ...NO_WEIGHTS,
    apply: (pass, images) => hyperbolicPatches(images, options, curvatureIn(pass, options.curvature)),
  };
}

/**
 * β-concatenation of all points of an image: [n, height, width, d] -> [n, height * width * d], channels
 * fastest.
 * @source Shimizu, Mukuta, Harada 2021, arXiv:2006.08210, section 3.3
 */
export function hyperbolicFlatten(options: {
  readonly curvature: CurvatureSource;
}): Layer<tf.Tensor4D, tf.Tensor2D> {
  return {
    ...NO_WEIGHTS,
    apply(pass, images) {
      const [batch, height, width, channels] = images.shape;
      const total = height * width * channels;
      return inTangentSpace(
        images,
        curvatureIn(pass, options.curvature),
        (tangent) => tf.mul(tf.reshape(tangent, [batch, total]), betaRatio(channels, total)) as tf.Tensor2D,
      );
    },
  };
}
