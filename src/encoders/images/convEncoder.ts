import { requireInteger } from '../../core/checks.js';
import { heNormal } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import type { EquivariantEncoder } from '../invariantAutoencoder.js';

export interface ConvEncoderOptions {
  readonly height: number;
  readonly width: number;
  /** Of a pixel: 1 for grey, which is the default. */
  readonly channels?: number;
  /** Channels of the three convolutions. */
  readonly widths: readonly [number, number, number];
  readonly codeDim: number;
}

const KERNELS = [5, 5, 3] as const;
/** Layers (counted from 0) that an average pooling by 2 follows. */
const POOLED = new Set([0, 1]);

/**
 * Three convolutions and a dense layer to the code, for an ordinary autoencoder of images: what an invariant one is compared
 * with. It has no features: its group is the trivial one.
 * @throws UsageError, DomainError for sizes that are not integers >= 1
 */
export function convEncoder(options: ConvEncoderOptions): EquivariantEncoder<tf.Tensor4D, null> {
  const { height, width, channels = 1, widths, codeDim } = options;
  const sizes = {
    height,
    width,
    channels,
    codeDim,
    widths0: widths[0],
    widths1: widths[1],
    widths2: widths[2],
  };
  for (const [name, value] of Object.entries(sizes)) requireInteger(value, 1, `convEncoder ${name}`);
  const [rows, columns] = [height, width].map((side) => Math.ceil(Math.ceil(side / 2) / 2));
  const flat = rows * columns * widths[2];
  const layers = KERNELS.map((kernel, i) => ({
    name: `encoder/conv${i + 1}`,
    shape: [kernel, kernel, i === 0 ? channels : widths[i - 1], widths[i]] as const,
  }));
  return {
    kind: 'convEncoder',
    codeDim,
    parameters: [
      ...layers.map(({ name, shape }) => ({
        name,
        shape,
        initial: heNormal(shape[0] * shape[1] * shape[2]),
      })),
      { name: 'encoder/code', shape: [flat, codeDim], initial: heNormal(flat) },
    ],
    batchNorms: layers.map(({ name, shape }) => ({ name: `${name}/norm`, channels: shape[3] })),
    encode(pass, images) {
      let x = images;
      for (const [i, { name }] of layers.entries()) {
        x = tf.relu(pass.batchNorm(`${name}/norm`, tf.conv2d(x, pass.weight<tf.Tensor4D>(name), 1, 'same')));
        if (POOLED.has(i)) x = tf.avgPool(x, 2, 2, 'same');
      }
      const maps = tf.reshape(x, [images.shape[0], flat]) as tf.Tensor2D;
      return { code: tf.matMul(maps, pass.weight('encoder/code')), features: null };
    },
    dispose: () => {},
  };
}
