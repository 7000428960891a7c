import { requireInteger } from '../core/checks.js';
import type { Pass } from '../engine/network.js';
import { heNormal, normal, type ParameterSpec, zeros } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';

/** Linear maps of the last axis, the same at every place of the others. */
export interface Dense {
  readonly parameters: readonly ParameterSpec[];
  /** x [..., inputs] -> [..., outputs]. Call inside tidy. */
  apply(pass: Pass, x: tf.Tensor): tf.Tensor;
}

/** x W + b; without b for `offset` false, which vectors that turn need. */
export function linear(name: string, inputs: number, outputs: number, offset = true): Dense {
  requireInteger(inputs, 1, `${name} inputs`);
  requireInteger(outputs, 1, `${name} outputs`);
  return {
    parameters: [
      { name: `${name}/kernel`, shape: [inputs, outputs], initial: normal(1 / Math.sqrt(inputs)) },
      ...(offset ? [{ name: `${name}/offset`, shape: [outputs], initial: zeros }] : []),
    ],
    apply(pass, x) {
      const y = timesLast(x, pass.weight(`${name}/kernel`));
      return offset ? tf.add(y, pass.weight<tf.Tensor1D>(`${name}/offset`)) : y;
    },
  };
}

/** Linear maps through `widths`, rectified between them but not after the last, whose kernel starts as `last` says. */
export function perceptron(
  name: string,
  widths: readonly number[],
  last: ParameterSpec['initial'] = normal(1 / Math.sqrt(widths[widths.length - 2])),
): Dense {
  const layers = widths.slice(1).map((outputs, i) => {
    const layer = linear(`${name}/${i + 1}`, widths[i], outputs);
    const [kernel, ...rest] = layer.parameters;
    const initial = i + 2 === widths.length ? last : heNormal(widths[i]);
    return { ...layer, parameters: [{ ...kernel, initial }, ...rest] };
  });
  return {
    parameters: layers.flatMap(({ parameters }) => parameters),
    apply: (pass, x) =>
      layers.reduce((y, layer, i) => layer.apply(pass, i === 0 ? y : tf.relu(y)), x as tf.Tensor),
  };
}

/** x [..., c] times a matrix [c, d] as one product of two matrices: [..., d]. */
export function timesLast(x: tf.Tensor, kernel: tf.Tensor2D): tf.Tensor {
  const [inputs, outputs] = kernel.shape;
  if (x.rank === 2) return tf.matMul(x as tf.Tensor2D, kernel);
  const flat = tf.matMul(tf.reshape(x, [-1, inputs]) as tf.Tensor2D, kernel);
  return tf.reshape(flat, [...x.shape.slice(0, -1), outputs]);
}
