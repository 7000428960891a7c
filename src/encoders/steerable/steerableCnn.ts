import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import { heNormal } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { directions } from '../groups/direction.js';
import type { EquivariantEncoder } from '../invariantAutoencoder.js';
import { fieldBatchNorm } from './fieldBatchNorm.js';
import {
  channelsOf,
  type FieldType,
  fieldType,
  frequencyFields,
  regularFields,
  scalarFields,
} from './fieldType.js';
import { type SteerableLayer, steerableSequence } from './layer.js';
import { fieldRelu } from './nonlinearities.js';
import { eachPart } from './parts.js';
import { cyclic } from './planeGroup.js';
import { antialiasedPool, averagePool } from './pooling.js';
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
 * fields are functions of the turn, taken apart into frequencies. Features: one vector [n, 2], (right, up), that turns with
 * the image. The code is a linear map of those fields as they would be if the image lay so that its vector pointed to the
 * right: they say all but how it lies, where the lengths of the fields would not say how the frequencies lie to one another.
 * Both are exact for quarter turns of a square image where N is a multiple of 4, for others as exact as the pixels are.
 * Numbers of fields that are multiples of 4 are normalised several times faster than others.
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
  const invariants = channelsOf(whole);
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
      const features = tf.reshape(vector.apply(pass, map), [n, 2]) as tf.Tensor2D;
      const normed = pass.batchNorm('encoder/invariants/norm', turnedBack(whole, map, features));
      return {
        code: tf.matMul(tf.reshape(normed, [n, invariants]) as tf.Tensor2D, pass.weight('encoder/code')),
        features,
      };
    },
    dispose() {
      body.dispose();
      vector.dispose();
    },
  };
}

/** The fields of one place as they are where the vectors lie to the right: frequency m turned back m times as far. */
function turnedBack(type: FieldType, map: tf.Tensor4D, vectors: tf.Tensor2D): tf.Tensor4D {
  const [cos, sin] = tf.split(directions(vectors), 2, 1);
  let [c, s]: [tf.Tensor, tf.Tensor] = [cos, sin];
  return eachPart(type, map, (part, components) => {
    if (part.trivial) return components;
    const [a, b] = components;
    const turned = [tf.add(tf.mul(a, c), tf.mul(b, s)), tf.sub(tf.mul(b, c), tf.mul(a, s))] as tf.Tensor2D[];
    [c, s] = [tf.sub(tf.mul(c, cos), tf.mul(s, sin)), tf.add(tf.mul(s, cos), tf.mul(c, sin))];
    return turned;
  });
}
