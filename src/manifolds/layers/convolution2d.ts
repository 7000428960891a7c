import { requireInteger } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import { asRows, curvatureIn, type Layer } from './layer.js';
import { hyperbolicLinear, type LinearOptions } from './linear.js';
import { hyperbolicPatches } from './unfold.js';
import { requireWindows, type WindowOptions, windowSize } from './windows.js';

/** `inputDim` and `outputDim` are the dimensions of the points of an image before and after: its channels. */
export type ConvolutionOptions = WindowOptions & LinearOptions;

/**
 * Hyperbolic convolution: β-concatenation of the points of each window, then a fully connected layer. [n,
 * height, width, inputDim] -> [n, windows down, windows across, outputDim]; padding is the origin. Initial
 * weights as `hyperbolicLinear` from kernel height * kernel width * inputDim columns, those of a window row
 * by row.
 * @throws UsageError for a kernel, stride, padding, dilation or width that is none
 * @source Shimizu, Mukuta, Harada 2021, arXiv:2006.08210, convolutional layers
 */
export function hyperbolicConvolution2d(options: ConvolutionOptions): Layer<tf.Tensor4D> {
  const { name, inputDim, outputDim } = options;
  requireWindows(options, name);
  requireInteger(inputDim, 1, `${name} inputDim`);
  const linear = hyperbolicLinear({ ...options, inputDim: inputDim * windowSize(options) });
  return {
    parameters: linear.parameters,
    batchNorms: [],
    apply(pass, images) {
      const patches = hyperbolicPatches(images, options, curvatureIn(pass, options.curvature));
      const [batch, down, across] = patches.shape;
      const points = linear.apply(pass, asRows(patches));
      return tf.reshape<tf.Rank.R4>(points, [batch, down, across, outputDim]);
    },
  };
}
