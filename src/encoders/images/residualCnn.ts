import { expectation, ShapeError } from '../../core/errors.js';
import type { Pass } from '../../engine/network.js';
import { orthogonal, uniform, zeros } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import type { Encoder } from '../encoder.js';

export interface ResidualCnnOptions {
  readonly height: number;
  readonly width: number;
  /** Of a pixel: 1 for grey, 3 for colours. */
  readonly channels: number;
  /** Channels of the stages; every stage after the first halves height and width. */
  readonly widths: readonly [number, number, number, number];
  /** Step of the first convolution; 2 takes a quarter of the operations of 1. */
  readonly stemStride: 1 | 2;
  readonly codeDim: number;
}

/** Height and width of the filters, but for those that only change the number of channels. */
const KERNEL = 3;

interface Convolution {
  readonly name: string;
  readonly shape: readonly [number, number, number, number];
  readonly stride: 1 | 2;
}

/** Two convolutions, and what the input passes by them through: nothing, where it keeps its shape. */
interface Block {
  readonly first: Convolution;
  readonly second: Convolution;
  readonly shortcut?: Convolution;
}

/**
 * A small residual network without built-in invariance: a convolution, four stages of one block each, mean plus maximum
 * over places, and a linear map that starts with orthonormal columns. Under batch norms the scale of the filters only
 * decides what a learning rate means: they start as PyTorch's do, so that its rates carry over. Images are [n, height * width * channels], the
 * channels of a pixel side by side.
 * @throws ShapeError unless the last stage sees at least 2 x 2 places
 * @source He et al. 2016, arXiv:1512.03385, with the projections of option B
 */
export function residualCnn(options: ResidualCnnOptions): Encoder {
  const { height, width, channels, widths, stemStride, codeDim } = options;
  const shrink = stemStride * 2 ** (widths.length - 1);
  if (!(height > shrink && width > shrink)) {
    const expected = `images larger than ${shrink} x ${shrink}`;
    throw new ShapeError(
      expectation('residualCnn', expected, `${height} x ${width}`, 'pass larger images or stemStride 1'),
    );
  }
  const stem: Convolution = {
    name: 'encoder/stem',
    shape: [KERNEL, KERNEL, channels, widths[0]],
    stride: stemStride,
  };
  const blocks = widths.map((to, i) =>
    i === 0 ? blockOf('encoder/stage1', to, to, 1) : blockOf(`encoder/stage${i + 1}`, widths[i - 1], to, 2),
  );
  const convolutions = [
    stem,
    ...blocks.flatMap(({ first, second, shortcut }) => [first, second, ...(shortcut ? [shortcut] : [])]),
  ];
  const features = widths[widths.length - 1];
  return {
    kind: 'residualCnn',
    columns: height * width * channels,
    codeDim,
    parameters: [
      ...convolutions.map(({ name, shape }) => ({
        name,
        shape,
        initial: uniform(1 / Math.sqrt(shape[0] * shape[1] * shape[2])),
      })),
      { name: 'encoder/linear', shape: [features, codeDim], initial: orthogonal(features, codeDim) },
      { name: 'encoder/offset', shape: [codeDim], initial: zeros },
    ],
    batchNorms: convolutions.map(({ name, shape }) => ({ name: `${name}/norm`, channels: shape[3] })),
    encode(pass, images) {
      const pixels = tf.reshape(images, [-1, height, width, channels]) as tf.Tensor4D;
      let x = tf.relu(normed(pass, stem, pixels));
      for (const block of blocks) x = throughBlock(pass, block, x);
      const pooled = tf.add(tf.mean(x, [1, 2]), tf.max(x, [1, 2])) as tf.Tensor2D;
      const linear = tf.matMul(pooled, pass.weight('encoder/linear'));
      return { code: tf.add(linear, pass.weight<tf.Tensor1D>('encoder/offset')) as tf.Tensor2D };
    },
    dispose: () => {},
  };
}

function blockOf(name: string, from: number, to: number, stride: 1 | 2): Block {
  const keepsShape = from === to && stride === 1;
  return {
    first: { name: `${name}/conv1`, shape: [KERNEL, KERNEL, from, to], stride },
    second: { name: `${name}/conv2`, shape: [KERNEL, KERNEL, to, to], stride: 1 },
    ...(keepsShape ? {} : { shortcut: { name: `${name}/shortcut`, shape: [1, 1, from, to], stride } }),
  };
}

function throughBlock(pass: Pass, { first, second, shortcut }: Block, x: tf.Tensor4D): tf.Tensor4D {
  const inner: tf.Tensor4D = tf.relu(normed(pass, first, x));
  return tf.relu(tf.add(normed(pass, second, inner), shortcut ? normed(pass, shortcut, x) : x));
}

function normed(pass: Pass, { name, stride }: Convolution, x: tf.Tensor4D): tf.Tensor4D {
  return pass.batchNorm(`${name}/norm`, tf.conv2d(x, pass.weight<tf.Tensor4D>(name), stride, 'same'));
}
