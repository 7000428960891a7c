import { requireInteger } from '../../core/checks.js';
import { bilinearDoubling } from '../../engine/bilinearDoubling.js';
import type { Pass } from '../../engine/network.js';
import { heNormal, zeros } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import type { Decoder } from '../invariantAutoencoder.js';

export interface ImageDecoderOptions {
  readonly height: number;
  readonly width: number;
  /** Of a pixel: 1 for grey, which is the default. */
  readonly channels?: number;
  readonly codeDim: number;
  /** Channels of the coarsest map and of the two finer ones. */
  readonly widths: readonly [number, number, number];
}

const KERNEL = 3;

/**
 * Codes to images in 0..1: a dense layer draws a map of a quarter of the image's sides, two convolutions draw it twice as fine
 * each, a last one the pixels. Smaller and faster than a map of 2 x 2 that is doubled four times, and each place has
 * weights of its own from the start.
 * @throws UsageError, DomainError for sizes that are not integers >= 1
 * @source after the decoder of Winter et al. 2022, arXiv:2202.07559, appendix; Odena et al. 2016 on resizing before a convolution
 */
export function imageDecoder(options: ImageDecoderOptions): Decoder<tf.Tensor4D> {
  const { height, width, channels = 1, codeDim, widths } = options;
  const sizes = {
    height,
    width,
    channels,
    codeDim,
    widths0: widths[0],
    widths1: widths[1],
    widths2: widths[2],
  };
  for (const [name, value] of Object.entries(sizes)) requireInteger(value, 1, `imageDecoder ${name}`);
  const [rows, columns] = [height, width].map((side) => Math.ceil(side / 4));
  const [coarse, middle, fine] = widths;
  const coarseSize = rows * columns * coarse;
  const finer = [
    { name: 'decoder/conv1', shape: [KERNEL, KERNEL, coarse, middle] as const },
    { name: 'decoder/conv2', shape: [KERNEL, KERNEL, middle, fine] as const },
  ];
  const pixels = { name: 'decoder/pixels', shape: [KERNEL, KERNEL, fine, channels] as const };
  const doublings = [bilinearDoubling(rows, columns), bilinearDoubling(2 * rows, 2 * columns)];
  return {
    parameters: [
      { name: 'decoder/dense', shape: [codeDim, coarseSize], initial: heNormal(codeDim) },
      ...[...finer, pixels].map(({ name, shape }) => ({
        name,
        shape,
        initial: heNormal(shape[0] * shape[1] * shape[2]),
      })),
      { name: 'decoder/offset', shape: [channels], initial: zeros },
    ],
    batchNorms: [
      { name: 'decoder/dense/norm', channels: coarse },
      ...finer.map(({ name, shape }) => ({ name: `${name}/norm`, channels: shape[3] })),
    ],
    decode(pass: Pass, code: tf.Tensor2D) {
      const n = code.shape[0];
      const drawn = tf.reshape(tf.matMul(code, pass.weight('decoder/dense')), [n, rows, columns, coarse]);
      let x: tf.Tensor4D = tf.relu(pass.batchNorm('decoder/dense/norm', drawn as tf.Tensor4D));
      for (const [i, { name }] of finer.entries()) {
        const map = tf.conv2d(doublings[i].apply(x), pass.weight<tf.Tensor4D>(name), 1, 'same');
        x = tf.relu(pass.batchNorm(`${name}/norm`, map));
      }
      const values = tf.conv2d(x, pass.weight<tf.Tensor4D>(pixels.name), 1, 'same');
      const whole = tf.sigmoid(tf.add(values, pass.weight<tf.Tensor1D>('decoder/offset'))) as tf.Tensor4D;
      const [, h, w] = whole.shape;
      if (h === height && w === width) return whole;
      const [top, left] = [Math.floor((h - height) / 2), Math.floor((w - width) / 2)];
      return tf.slice(whole, [0, top, left, 0], [n, height, width, channels]);
    },
    dispose() {
      for (const doubling of doublings) doubling.dispose();
    },
  };
}
