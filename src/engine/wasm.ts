import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from './tf.js';

/**
 * The kernel that tfjs-backend-wasm lacks for training convolutions (tfjs issue 8474): each offset (i, j) of the
 * filter is one product of the inputs that it meets with dy.
 */
const conv2DBackpropFilter: tf.KernelConfig = {
  kernelName: 'Conv2DBackpropFilter',
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs }) => {
    const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const { strides, pad, filterShape } = attrs as unknown as {
      strides: number | [number, number];
      pad: 'valid' | 'same' | number;
      filterShape: [number, number, number, number];
    };
    const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad);
    const [height, width, inChannels, outChannels] = filterShape;
    const { top, bottom, left, right } = info.padInfo;
    return tf.tidy(() => {
      const padded = tf.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]);
      const rows = tf.reshape(dy, [-1, outChannels]);
      const [batch, outHeight, outWidth] = dy.shape;
      const parts: tf.Tensor[] = [];
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < width; j++) {
          const met = tf.stridedSlice(
            padded,
            [0, i, j, 0],
            [
              batch,
              i + (outHeight - 1) * info.strideHeight + 1,
              j + (outWidth - 1) * info.strideWidth + 1,
              inChannels,
            ],
            [1, info.strideHeight, info.strideWidth, 1],
          );
          parts.push(tf.matMul(tf.reshape(met, [-1, inChannels]), rows, true));
        }
      }
      return tf.reshape(tf.stack(parts), filterShape);
    }) as unknown as tf.TensorInfo;
  },
};

/** gather's gradient needs it; a product with the one-hot segment matrix. */
const unsortedSegmentSum: tf.KernelConfig = {
  kernelName: 'UnsortedSegmentSum',
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs }) => {
    const { x, segmentIds } = inputs as unknown as { x: tf.Tensor; segmentIds: tf.Tensor1D };
    const { numSegments } = attrs as unknown as { numSegments: number };
    return tf.tidy(() => {
      const oneHot = tf.cast(tf.oneHot(segmentIds, numSegments), 'float32');
      const flat = tf.reshape(x, [x.shape[0], -1]) as tf.Tensor2D;
      return tf.reshape(tf.matMul(oneHot, flat, true), [numSegments, ...x.shape.slice(1)]);
    }) as unknown as tf.TensorInfo;
  },
};

/** Registers the WASM backend and the training kernels that it lacks. */
export async function registerWasm(): Promise<void> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  // The bundle looks for its .wasm files in the current folder unless it is told where they are.
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(dirname(entry) + sep);
  for (const kernel of [conv2DBackpropFilter, unsortedSegmentSum]) {
    if (!tf.getKernel(kernel.kernelName, 'wasm')) tf.registerKernel(kernel);
  }
}
