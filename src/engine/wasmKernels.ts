import { installSegmentSum } from './segmentSum.js';
import * as tf from './tf.js';

// tfjs-backend-wasm is fast in two kernels alone, products without transposes and convolutions forwards (both XNNPACK);
// the kernels here are made of those two.

interface ConvAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number;
}

type Filter = [height: number, width: number, inChannels: number, outChannels: number];

const asInfo = (tensor: tf.Tensor): tf.TensorInfo => tensor as unknown as tf.TensorInfo;

function convInfo(xShape: number[], filterShape: Filter, { strides, pad }: ConvAttributes) {
  return tf.backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape,
    strides,
    1,
    pad,
  );
}

/** Below so many multiplications a transpose costs more than the slow loop. */
const SMALL_PRODUCT = 32768;

/** Transposes first: with a flag set the backend's own kernel falls back to a plain loop. */
function batchMatMul(original: tf.KernelFunc): tf.KernelFunc {
  return (parameters) => {
    const { a, b } = parameters.inputs as unknown as { a: tf.Tensor; b: tf.Tensor };
    const { transposeA, transposeB } = parameters.attrs as unknown as {
      transposeA: boolean;
      transposeB: boolean;
    };
    if (!(transposeA || transposeB) || a.size * b.shape[b.shape.length - 1] < SMALL_PRODUCT)
      return original(parameters);
    const flip = (t: tf.Tensor): tf.Tensor => {
      const axes = t.shape.map((_, i) => i);
      return tf.transpose(t, [...axes.slice(0, -2), axes[axes.length - 1], axes[axes.length - 2]]);
    };
    return tf.tidy(() => {
      const inputs = {
        a: transposeA ? flip(a) : a,
        b: transposeB ? flip(b) : b,
      } as unknown as tf.NamedTensorInfoMap;
      const attrs = { ...parameters.attrs, transposeA: false, transposeB: false };
      return original({ ...parameters, inputs, attrs }) as unknown as tf.Tensor;
    }) as unknown as tf.TensorInfo;
  };
}

/** The convolution of dy, padded, with the filter turned round: for stride 1, which is what training uses. */
function conv2DBackpropInput(original: tf.KernelFunc): tf.KernelFunc {
  return (parameters) => {
    const { dy, filter } = parameters.inputs as unknown as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const { inputShape, ...attributes } = parameters.attrs as unknown as ConvAttributes & {
      inputShape: number[];
    };
    const info = convInfo(inputShape, filter.shape, attributes);
    if (info.strideHeight !== 1 || info.strideWidth !== 1) return original(parameters);
    const [height, width] = filter.shape;
    const { top, bottom, left, right } = info.padInfo;
    return asInfo(
      tf.tidy(() => {
        const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
        const sides: [number, number][] = [
          [0, 0],
          [height - 1 - top, height - 1 - bottom],
          [width - 1 - left, width - 1 - right],
          [0, 0],
        ];
        return tf.conv2d(tf.pad(dy, sides), turned, 1, 'valid');
      }),
    );
  };
}

/**
 * The kernel that the backend lacks (tfjs issue 8474). With batch and channels exchanged the gradient of the filter is
 * itself a convolution: of the input with dy, dilated by the strides.
 */
const conv2DBackpropFilter: tf.KernelFunc = ({ inputs, attrs }) => {
  const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
  const { filterShape, ...attributes } = attrs as unknown as ConvAttributes & { filterShape: Filter };
  const info = convInfo(x.shape, filterShape, attributes);
  const { top, bottom, left, right } = info.padInfo;
  return asInfo(
    tf.tidy(() => {
      const padded = tf.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]);
      const channelsFirst = tf.transpose(padded, [3, 1, 2, 0]);
      const asFilter = tf.transpose(dy, [1, 2, 0, 3]);
      const strides: [number, number] = [info.strideHeight, info.strideWidth];
      const full = tf.conv2d(channelsFirst, asFilter, 1, 'valid', 'NHWC', strides);
      const [height, width, inChannels, outChannels] = filterShape;
      // Rows of the input that the strides step over would give entries beyond the filter.
      const own = tf.slice(full, [0, 0, 0, 0], [inChannels, height, width, outChannels]);
      return tf.transpose(own, [1, 2, 0, 3]);
    }),
  );
};

/** Adds the training kernels that the WASM backend lacks and replaces those that are slow. */
export function installWasmKernels(): void {
  const replace = (kernelName: string, wrap: (original: tf.KernelFunc) => tf.KernelFunc): void => {
    const config = tf.getKernel(kernelName, 'wasm');
    tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({ ...config, kernelFunc: wrap(config.kernelFunc) });
  };
  replace('BatchMatMul', batchMatMul);
  replace('Conv2DBackpropInput', conv2DBackpropInput);
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: conv2DBackpropFilter,
  });
  // gather's gradient needs it.
  installSegmentSum('wasm');
}
