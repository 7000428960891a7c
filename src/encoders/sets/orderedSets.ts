import { requireInteger } from '../../core/checks.js';
import type { PointSets } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { perceptron } from '../dense.js';
import type { Decoder, EquivariantEncoder } from '../invariantAutoencoder.js';

export interface OrderedSetOptions {
  readonly maxPoints: number;
  /** Numbers of an element. */
  readonly dim: number;
  readonly codeDim: number;
  /** Units of both hidden layers. */
  readonly hidden: number;
}

/**
 * A perceptron on the elements side by side, which takes each order of a set for another item: with the trivial group, the
 * classical autoencoder that invariant ones are compared with.
 * @throws UsageError for counts that are not whole numbers >= 1
 */
export function orderedSetEncoder(options: OrderedSetOptions): EquivariantEncoder<PointSets, null> {
  const { maxPoints, dim, codeDim, hidden } = options;
  requireCounts('orderedSetEncoder', options);
  const layers = perceptron('encoder', [maxPoints * dim, hidden, hidden, codeDim]);
  return {
    kind: 'orderedSetEncoder',
    codeDim,
    parameters: layers.parameters,
    batchNorms: [],
    encode: (pass, { points }) => ({
      code: layers.apply(pass, tf.reshape(points, [-1, maxPoints * dim])) as tf.Tensor2D,
      features: null,
    }),
    dispose: () => {},
  };
}

/** A perceptron from the code to all elements at once. @throws as orderedSetEncoder */
export function orderedSetDecoder(options: OrderedSetOptions): Decoder<PointSets> {
  const { maxPoints, dim, codeDim, hidden } = options;
  requireCounts('orderedSetDecoder', options);
  const layers = perceptron('decoder', [codeDim, hidden, hidden, maxPoints * dim]);
  return {
    parameters: layers.parameters,
    batchNorms: [],
    decode(pass, code, { mask }) {
      const all = tf.reshape(layers.apply(pass, code), [-1, maxPoints, dim]);
      return { points: tf.mul(all, tf.expandDims(mask, 2)) as tf.Tensor3D, mask };
    },
    dispose: () => {},
  };
}

function requireCounts(who: string, options: OrderedSetOptions): void {
  for (const name of ['maxPoints', 'dim', 'codeDim', 'hidden'] as const)
    requireInteger(options[name], 1, `${who} ${name}`);
}
