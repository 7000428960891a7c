import { expectation, ShapeError } from '../../core/errors.js';
import { heNormal } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import type { Encoder } from '../encoder.js';

export interface PlainCnnOptions {
  readonly height: number;
  readonly width: number;
  readonly channels: readonly [number, number, number, number];
  readonly codeDim: number;
}

const KERNELS = [5, 3, 3, 3] as const;
/** Layers (counted from 0) that an average pooling by 2 follows. */
const POOLED = new Set([0, 2]);

/**
 * A convolutional network without built-in invariance: what invariant encoders are compared with.
 * @throws ShapeError for images below 24 x 24
 */
export function plainCnn(options: PlainCnnOptions): Encoder {
  const { height, width, channels, codeDim } = options;
  const sizes = KERNELS.reduce(
    ([h, w], kernel, i) => {
      const size = [h - kernel + 1, w - kernel + 1];
      return POOLED.has(i) ? size.map((s) => Math.floor(s / 2)) : size;
    },
    [height, width],
  );
  if (sizes.some((size) => size < 1)) {
    throw new ShapeError(
      expectation('plainCnn', 'images of at least 24 x 24', `${height} x ${width}`, 'pass larger images'),
    );
  }
  const layers = KERNELS.map((kernel, i) => ({
    name: `encoder/conv${i + 1}`,
    shape: [kernel, kernel, i === 0 ? 1 : channels[i - 1], channels[i]] as const,
  }));
  const flat = sizes[0] * sizes[1] * channels[3];
  return {
    kind: 'plainCnn',
    columns: height * width,
    codeDim,
    parameters: [
      ...layers.map(({ name, shape }) => ({
        name,
        shape,
        initial: heNormal(shape[0] * shape[1] * shape[2]),
      })),
      { name: 'encoder/dense', shape: [flat, codeDim], initial: heNormal(flat) },
    ],
    batchNorms: [
      ...layers.map(({ name, shape }) => ({ name: `${name}/norm`, channels: shape[3] })),
      { name: 'encoder/dense/norm', channels: codeDim },
    ],
    encode(pass, images) {
      let x = tf.reshape(images, [-1, height, width, 1]) as tf.Tensor4D;
      for (const [i, { name }] of layers.entries()) {
        x = tf.relu(pass.batchNorm(`${name}/norm`, tf.conv2d(x, pass.weight<tf.Tensor4D>(name), 1, 'valid')));
        if (POOLED.has(i)) x = tf.avgPool(x, 2, 2, 'valid');
      }
      const dense = tf.matMul(tf.reshape(x, [-1, flat]) as tf.Tensor2D, pass.weight('encoder/dense'));
      const normed = pass.batchNorm(
        'encoder/dense/norm',
        tf.reshape(dense, [-1, 1, 1, codeDim]) as tf.Tensor4D,
      );
      return { code: tf.relu(tf.reshape(normed, [-1, codeDim]) as tf.Tensor2D) };
    },
    dispose: () => {},
  };
}
