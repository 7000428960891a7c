import { requireInteger } from '../core/checks.js';
import type { Pass } from '../engine/network.js';
import { heNormal, normal, type ParameterSpec, zeros } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';
import { type ActivationKind, activation, inSequence, type RowLayer } from './rowLayer.js';
import { spectralNormBound } from './spectralNorm.js';

/** Linear maps of the last axis, the same at every place of the others. */
export interface Dense {
  readonly parameters: readonly ParameterSpec[];
  /** x [..., inputs] -> [..., outputs]. Call inside tidy. */
  apply(pass: Pass, x: tf.Tensor): tf.Tensor;
}

/** x W + b; without b for `offset` false, which vectors that turn need. */
export function linear(name: string, inputs: number, outputs: number, offset = true): RowLayer {
  requireInteger(inputs, 1, `${name} inputs`);
  requireInteger(outputs, 1, `${name} outputs`);
  const kernel = { name: `${name}/kernel`, shape: [inputs, outputs], initial: normal(1 / Math.sqrt(inputs)) };
  const kernelOf = (pass: Pass) => pass.weight(kernel.name);
  return {
    parameters: [kernel, ...(offset ? [{ name: `${name}/offset`, shape: [outputs], initial: zeros }] : [])],
    ...linearMap(kernelOf, offset ? (pass) => pass.weight<tf.Tensor1D>(`${name}/offset`) : undefined),
  };
}

/** x W + b for a W that is made of the weights. */
export function linearMap(
  kernelOf: (pass: Pass) => tf.Tensor2D,
  offsetOf?: (pass: Pass) => tf.Tensor1D,
): Omit<RowLayer, 'parameters'> {
  const moved = (pass: Pass, y: tf.Tensor) => (offsetOf ? tf.add(y, offsetOf(pass)) : y);
  return {
    apply: (pass, x) => moved(pass, timesLast(x, kernelOf(pass))),
    linearize(pass, x) {
      const kernel = kernelOf(pass);
      return {
        value: moved(pass, timesLast(x, kernel)) as tf.Tensor2D,
        pushforward: (v) => timesLast(v, kernel),
        pullback: (u) => timesLast(u, tf.transpose(kernel)),
      };
    },
    lipschitz: (pass) => ({ lower: tf.scalar(0), upper: spectralNormBound(kernelOf(pass)) }),
  };
}

/**
 * Linear maps through `widths`, with an activation between them but not after the last, whose kernel starts as `last`
 * says.
 */
export function perceptron(
  name: string,
  widths: readonly number[],
  last: ParameterSpec['initial'] = normal(1 / Math.sqrt(widths[widths.length - 2])),
  between: ActivationKind = 'relu',
): RowLayer {
  const layers = widths.slice(1).flatMap((outputs, i) => {
    const layer = linear(`${name}/${i + 1}`, widths[i], outputs);
    const [kernel, ...rest] = layer.parameters;
    const initial = i + 2 === widths.length ? last : heNormal(widths[i]);
    const started = { ...layer, parameters: [{ ...kernel, initial }, ...rest] };
    return i === 0 ? [started] : [activation(between), started];
  });
  return inSequence(layers);
}

/** x [..., c] times a matrix [c, d] as one product of two matrices: [..., d]. */
export function timesLast(x: tf.Tensor, kernel: tf.Tensor2D): tf.Tensor {
  const [inputs, outputs] = kernel.shape;
  if (x.rank === 2) return tf.matMul(x as tf.Tensor2D, kernel);
  const flat = tf.matMul(tf.reshape(x, [-1, inputs]) as tf.Tensor2D, kernel);
  return tf.reshape(flat, [...x.shape.slice(0, -1), outputs]);
}
