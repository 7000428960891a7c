import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import { heNormal } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import type { EquivariantEncoder } from '../invariantAutoencoder.js';
import { fieldBatchNorm } from './fieldBatchNorm.js';
import { channelsOf, fieldType, frequencyFields, regularFields, scalarFields } from './fieldType.js';
import { type SteerableLayer, steerableSequence } from './layer.js';
import { fieldRelu } from './nonlinearities.js';
import { cyclic } from './planeGroup.js';
import { antialiasedPool, averagePool, normPool } from './pooling.js';
import { irrep } from './representation.js';
import { steerableConv } from './steerableConv.js';

export interface SteerableCnnOptions {
  readonly height: number;
  readonly width: number;
  /** Of a pixel: 1 for grey, which is the default. */
  readonly channels?: number;
  /** N of C_N: turns by 360/N degrees are exact up to the pixels, at least 3. A multiple of 4 uses the exact ones. */
  readonly rotations: number;
  /**
   * Regular fields, N numbers each, after three convolutions, and fields of all frequencies below N/2, about as many, after
   * a last one.
   */
  readonly fields: readonly [number, number, number, number];
  readonly codeDim: number;
  /** A low-pass filter before each pooling. false by default. */
  readonly antialiased?: boolean;
}

const KERNELS = [7, 5, 5] as const;
/** Layers (counted from 0) that a pooling by 2 follows. */
const POOLED = new Set([0, 1]);
/** Of a turn of C_2 a vector is only known up to its sign. */
const FEWEST_ROTATIONS = 3;
/** Filters of fewer would hardly have a direction; turns between those of a small group are then less exact. */
const FEWEST_FREQUENCIES = 2;

/**
 * A group convolutional network for images that may lie any way round: three steerable convolutions of regular fields, and
 * a fourth whose filter covers what is left of the map, so that nothing is averaged away but how the image lies. Its
 * fields are functions of the turn, taken apart into frequencies; the code is a linear map of the length of each, which
 * all turns leave as it is, where the largest number of a regular field would depend on how near a turn comes to one of the
 * N. Features: one vector [n, 2], (right, up), that turns with the image. Both are exact for quarter turns of a square image
 * where N is a multiple of 4, for others as exact as the pixels are.
 * @throws UsageError, DomainError for sizes that are not integers; ShapeError for images below 12 x 12
 * @source Cohen and Welling 2016, arXiv:1602.07576; Weiler and Cesa 2019, arXiv:1911.08251
 */
export function steerableCnn(options: SteerableCnnOptions): EquivariantEncoder<tf.Tensor4D, tf.Tensor2D> {
  const { height, width, channels = 1, rotations, fields, codeDim, antialiased = false } = options;
  requireInteger(rotations, FEWEST_ROTATIONS, 'steerableCnn rotations');
  requireInteger(codeDim, 1, 'steerableCnn codeDim');
  const group = cyclic(rotations);
  const highestFrequency = Math.max(FEWEST_FREQUENCIES, Math.floor((rotations - 1) / 2));
  const pool = antialiased ? antialiasedPool : averagePool;
  const layers: SteerableLayer[] = [];
  let from = scalarFields(group, channels);
  for (const [i, kernel] of KERNELS.entries()) {
    const name = `encoder/conv${i + 1}`;
    const to = regularFields(group, fields[i]);
    layers.push(
      steerableConv({ name, from, to, kernel, highestFrequency }),
      fieldBatchNorm(`${name}/norm`, to),
      fieldRelu(to),
    );
    if (POOLED.has(i)) layers.push(pool(to));
    from = to;
  }
  const sides = [height, width].map((side) => Math.ceil(Math.ceil(side / 2) / 2));
  const left = Math.min(...sides);
  if (!(left >= 3))
    throw new ShapeError(
      expectation('steerableCnn', 'images of at least 12 x 12', `${height} x ${width}`, 'pass larger images'),
    );
  const whole = frequencyFields(group, Math.floor((rotations - 1) / 2), fields[3]);
  const body = steerableSequence(
    layers[0],
    ...layers.slice(1),
    steerableConv({
      ...{ name: 'encoder/whole', from, to: whole, pad: 'valid', highestFrequency },
      kernel: left % 2 === 0 ? left - 1 : left,
    }),
  );
  const lengths = normPool(whole);
  const invariants = channelsOf(lengths.to);
  const vector = steerableConv({
    ...{ name: 'encoder/orientation', from: whole, to: fieldType(irrep(group, 1), 1), kernel: 1 },
  });
  return {
    kind: 'steerableCnn',
    codeDim,
    parameters: [
      ...body.parameters,
      ...vector.parameters,
      { name: 'encoder/code', shape: [invariants, codeDim], initial: heNormal(invariants) },
    ],
    batchNorms: [...body.batchNorms, { name: 'encoder/invariants/norm', channels: invariants }],
    encode(pass, images) {
      const places = body.apply(pass, images);
      const [n, rows, columns] = places.shape;
      const map = rows * columns === 1 ? places : (tf.mean(places, [1, 2], true) as tf.Tensor4D);
      const normed = pass.batchNorm('encoder/invariants/norm', lengths.apply(pass, map));
      return {
        code: tf.matMul(tf.reshape(normed, [n, invariants]) as tf.Tensor2D, pass.weight('encoder/code')),
        features: tf.reshape(vector.apply(pass, map), [n, 2]) as tf.Tensor2D,
      };
    },
    dispose() {
      body.dispose();
      vector.dispose();
    },
  };
}
