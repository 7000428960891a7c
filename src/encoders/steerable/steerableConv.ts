import type { Rng } from '../../core/rng.js';
import * as tf from '../../engine/tf.js';
import { channelsOf, type FieldType } from './fieldType.js';
import { type KernelBasis, kernelBasis } from './kernelBasis.js';
import type { SteerableLayer } from './layer.js';

export interface SteerableConvOptions {
  /** Of its weights, unique in the network. */
  readonly name: string;
  readonly from: FieldType;
  readonly to: FieldType;
  /** Pixels a side, odd. */
  readonly kernel: number;
  /** same: zeros round the image, size kept; valid: only where the whole filter lies on it. same by default. */
  readonly pad?: 'same' | 'valid';
  /**
   * Of the filters as functions of the angle, at most; as high as their pixels allow by default. Regular fields of C_N or
   * D_N tell only frequencies below N/2 apart: with higher ones, turns that are not of the group come out as others.
   */
  readonly highestFrequency?: number;
}

/**
 * A convolution with filters that the group moves into one another: weights [basis, from.fields * to.fields] times a table
 * of steerable filters give one ordinary filter, so that a step costs what a convolution of that size does. Steps of
 * 1; pooling makes maps smaller. The variance of the weights keeps that of the values under a ReLU.
 * @throws UsageError for fields of different groups or an even kernel
 * @source Weiler and Cesa 2019, arXiv:1911.08251, sections 2.2 and 2.6; He et al. 2015, arXiv:1502.01852, eq. 10
 */
export function steerableConv(options: SteerableConvOptions): SteerableLayer {
  const { name, from, to, kernel, pad = 'same', highestFrequency } = options;
  const basis = kernelBasis(from.representation, to.representation, kernel, highestFrequency);
  const table = tf.tidy(() =>
    tf.keep(tf.tensor2d(Float32Array.from(basis.values), [basis.values.length / basis.count, basis.count])),
  );
  return {
    from,
    to,
    parameters: [
      { name, shape: [basis.count, from.fields * to.fields], initial: initialWeights(basis, from.fields) },
    ],
    batchNorms: [],
    apply: (pass, x) => tf.conv2d(x, expandFilter(table, pass.weight(name), from, to, kernel), 1, pad),
    dispose: () => table.dispose(),
  };
}

/** The ordinary filter [kernel, kernel, channels of from, channels of to] of the weights. */
function expandFilter(
  table: tf.Tensor2D,
  weights: tf.Tensor2D,
  from: FieldType,
  to: FieldType,
  kernel: number,
): tf.Tensor4D {
  const filters = tf.reshape(tf.matMul(table, weights), [
    kernel * kernel * from.representation.dim,
    to.representation.dim,
    from.fields,
    to.fields,
  ]);
  // With one component or field in the middle there is nothing to exchange.
  const ordered =
    to.representation.dim === 1 || from.fields === 1 ? filters : tf.transpose(filters, [0, 2, 1, 3]);
  return tf.reshape(ordered, [kernel, kernel, channelsOf(from), channelsOf(to)]);
}

function initialWeights({ count, shares }: KernelBasis, fields: number) {
  return (rng: Rng, size: number): Float32Array =>
    Float32Array.from({ length: size }, (_, at) => {
      const share = shares[Math.floor(at / (size / count))];
      return Math.sqrt((2 * share) / fields) * rng.normal();
    });
}
