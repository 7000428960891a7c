import { returnFloats } from '../../core/floatPool.js';
import type { CosineCall, CosinePull, FusedKernels } from '../../engine/fused.js';
import { floatsOf } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import type { Classified, ClassifiedDistances, ClassifiedEmbeddings } from './similarities.js';

// Losses on logits that stay on the host from the fused kernels that make them to those that take their gradient. Each is
// one op, once differentiable.

/** What a loss makes of logits. */
export interface HostTerms {
  readonly values: Float32Array;
  /** From pulls on the values to pulls on the logits, which may be written over. */
  readonly pull: (dy: Float32Array) => CosinePull;
}

export type Scaling = Pick<CosineCall, 'factor' | 'unitItems' | 'unitVectors'>;

/** A tensor of that shape, from products of items and class vectors: logits [n, k * centers]. Call inside tidy. */
export function termsOfProducts(
  { cosines }: FusedKernels['classes'],
  { embeddings, classVectors }: Omit<ClassifiedEmbeddings, 'labels'>,
  scaling: Scaling,
  shape: number[],
  work: (logits: Float32Array, call: CosineCall) => HostTerms,
): tf.Tensor {
  const one = embeddings === classVectors;
  return hostOp(one ? [embeddings] : [embeddings, classVectors], shape, ([items, vectors]) => {
    const call = { items, ...(vectors && { vectors }), columns: embeddings.shape[1], ...scaling };
    const logits = cosines.logits(call);
    const { values, pull } = work(logits, call);
    return {
      values,
      gradients: (dy) => {
        const { items: toItems, vectors: toVectors } = cosines.gradients(call, pull(dy));
        returnFloats(logits);
        return one ? [toItems] : [toItems, toVectors];
      },
    };
  });
}

/** The same from similarities to the classes, whose cosines are `factor` times unit rows: logits [n, k]. */
export function termsOfSimilarities(
  kernels: FusedKernels['classes'],
  input: Classified,
  factor: number,
  shape: number[],
  work: (logits: Float32Array) => HostTerms,
): tf.Tensor {
  if ('distances' in input) return termsOfDistances(input, factor, shape, work);
  return termsOfProducts(kernels, input, { factor, unitItems: true, unitVectors: true }, shape, work);
}

function termsOfDistances(
  { distances, zero = 0 }: ClassifiedDistances,
  factor: number,
  shape: number[],
  work: (logits: Float32Array) => HostTerms,
): tf.Tensor {
  const logits = tf.mul(tf.sub(zero, distances), factor);
  return hostOp([logits], shape, ([values]) => {
    const terms = work(values.slice());
    return {
      values: terms.values,
      gradients: (dy) => {
        const { entries, rows } = terms.pull(dy);
        const gradient = tf.tensor(entries, logits.shape);
        return [rows ? tf.mul(gradient, tf.tensor(rows, [rows.length, 1])) : gradient];
      },
    };
  });
}

interface HostWork {
  readonly values: Float32Array;
  /** One an input, of its shape. */
  readonly gradients: (dy: Float32Array) => (Float32Array | tf.Tensor)[];
}

function hostOp(
  inputs: readonly tf.Tensor[],
  shape: number[],
  work: (inputs: Float32Array[]) => HostWork,
): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const { values, gradients } = work(args.slice(0, inputs.length).map((t) => floatsOf(t as tf.Tensor)));
    const gradFunc = (dy: tf.Tensor) =>
      gradients(floatsOf(dy)).map((gradient, i) =>
        gradient instanceof tf.Tensor ? gradient : tf.tensor(gradient, inputs[i].shape),
      );
    return { value: tf.tensor(values, shape), gradFunc };
  });
  return op(...inputs);
}
