import { requireInteger } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { Pass } from '../../engine/network.js';
import * as tf from '../../engine/tf.js';
import type { Multiplicities } from '../../symmetry/so3/degrees.js';
import { linear } from '../dense.js';
import type { EquivariantEncoder } from '../invariantAutoencoder.js';
import type { ProductLinearOptions } from './productLinear.js';
import { signalInvariants } from './signalInvariants.js';
import { signalItems } from './signalItems.js';
import { glorotUniform, signalLinear } from './signalLinear.js';
import { rowTables, type SignalShape } from './signalRows.js';
import { sphericalBlockList } from './sphericalBlock.js';

export interface SphericalCodecOptions extends ProductLinearOptions {
  /** Channels at each degree of the coefficients. */
  readonly multiplicities: Multiplicities;
  /** What each block of the encoder gives; the decoder's are their mirror image. The last has degree 1 or more. */
  readonly blocks: readonly SignalShape[];
  readonly codeDim: number;
  /** Channels of a linear map before the first block; none by default. */
  readonly mixed?: number;
}

/** A batch of codes: one number each a direction, and how sure of it; absent for an autoencoder without noise. */
export interface SphericalCode {
  /** [batch, codeDim] */
  readonly code: tf.Tensor2D;
  /** [batch, 2, 3]: vectors x, y, z that turn with the signal. */
  readonly features: tf.Tensor3D;
  /** [batch, codeDim], of the normal distribution about the code. */
  readonly logVariance?: tf.Tensor2D;
}

export interface SphericalEncoder extends EquivariantEncoder<tf.Tensor2D, tf.Tensor3D> {
  encode(pass: Pass, items: tf.Tensor2D): SphericalCode;
  /**
   * What no rotation changes of the signals between the layers, `signalInvariants` of each layer's output side by side:
   * many more numbers than a code, for whoever classifies items. Not differentiable. Call inside tidy.
   * @returns [batch, Σ (degree + 1) channels over the layers]
   */
  invariants(pass: Pass, items: tf.Tensor2D): tf.Tensor2D;
}

/** Rows of degree 1, m = -1, 0, 1, are y, z, x. */
const XYZ = [2, 0, 1];

/**
 * Coefficients of signals -> an invariant code, a linear map of the last block's scalars, and two vectors of its degree 1,
 * from which a frame is made: rotations3dBatch reads them.
 * @throws UsageError for shapes that products do not reach, a last degree of 0, or sizes out of range
 * @source Visani et al. 2022 (H-(V)AE), arXiv:2209.15567, section 3.3
 */
export function sphericalEncoder(
  { multiplicities, blocks, codeDim, mixed, ...options }: SphericalCodecOptions,
  { variational }: { readonly variational: boolean },
): SphericalEncoder {
  requireInteger(codeDim, 1, 'sphericalEncoder codeDim');
  const items = signalItems(multiplicities);
  const first = mixed === undefined ? undefined : signalLinear('encoder/mixed', items.shape, mixed);
  const last = requireLast(blocks, 'sphericalEncoder');
  const body = sphericalBlockList('encoder', [first?.output ?? items.shape, ...blocks], options);
  const mean = linear('encoder/code', last.channels, codeDim);
  const spread = variational ? linear('encoder/logVariance', last.channels, codeDim) : undefined;
  const layers = [...(first ? [first] : []), ...body];
  const tables = layers.map(({ output }) => rowTables(output.degree));
  return {
    kind: 'spherical',
    codeDim,
    parameters: [
      ...layers.flatMap(({ parameters }) => parameters),
      ...mean.parameters,
      ...(spread?.parameters ?? []),
      { name: 'encoder/vectors', shape: [last.channels, 2], initial: glorotUniform(last.channels, 2) },
    ],
    batchNorms: [],
    statistics: layers.flatMap(({ statistics }) => statistics ?? []),
    encode(pass, batch) {
      const signal = layers.reduce((rows, layer) => layer.apply(pass, rows), items.toRows(batch));
      const scalars = tf.transpose(
        tf.reshape(tf.slice(signal, 0, 1), [last.channels, batch.shape[0]]),
      ) as tf.Tensor2D;
      const vectors = tf.slice(signal, 1, 3);
      const axes = tf.gather(vectors, XYZ);
      const two = tf.matMul(
        tf.reshape(tf.transpose(axes, [2, 0, 1]), [-1, last.channels]) as tf.Tensor2D,
        pass.weight<tf.Tensor2D>('encoder/vectors'),
      );
      const features = tf.transpose(tf.reshape(two, [batch.shape[0], 3, 2]), [0, 2, 1]) as tf.Tensor3D;
      const code = mean.apply(pass, scalars) as tf.Tensor2D;
      if (!spread) return { code, features };
      return { code, features, logVariance: spread.apply(pass, scalars) as tf.Tensor2D };
    },
    invariants(pass, batch) {
      const found: tf.Tensor2D[] = [];
      layers.reduce((rows, layer, i) => {
        const signal = layer.apply(pass, rows);
        found.push(signalInvariants(signal, layer.output, tables[i]));
        return signal;
      }, items.toRows(batch));
      return tf.concat(found, 1);
    },
    dispose() {
      items.dispose();
      for (const table of tables) table.dispose();
      for (const layer of layers) layer.dispose();
    },
  };
}

/** @throws UsageError unless there is a block and the last has vectors */
export function requireLast(blocks: readonly SignalShape[], who: string): SignalShape {
  const last = blocks[blocks.length - 1];
  if (last && last.degree >= 1) return last;
  const got = last ? `degree ${last.degree}` : 'none';
  throw new UsageError(
    expectation(`${who} blocks`, 'a last one of degree 1 or more', got, 'the frame is made of its vectors'),
  );
}
