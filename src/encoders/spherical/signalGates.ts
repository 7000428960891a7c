import { ones, zeros } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { glorotUniform } from './signalLinear.js';
import { requireSignal, rowTables, type SignalLayer, type SignalShape } from './signalRows.js';

/**
 * Every channel of every degree times a gate in 0..1, the logistic function of a learned affine map of the item's scalars:
 * scalars too, which makes them x σ(..).
 * @source Weiler et al. 2018 (3D steerable CNNs), arXiv:1807.02547, section 4.3
 */
export function signalGates(name: string, shape: SignalShape): SignalLayer {
  requireSignal(shape, name);
  const { degree, channels } = shape;
  const tables = rowTables(degree);
  const gates = (degree + 1) * channels;
  return {
    output: shape,
    parameters: [
      { name: `${name}/kernel`, shape: [channels, gates], initial: glorotUniform(channels, gates) },
      { name: `${name}/offset`, shape: [gates], initial: zeros },
    ],
    batchNorms: [],
    apply(pass, rows) {
      const batch = rows.shape[2];
      const scalars = tf.reshape(tf.slice(rows, 0, 1), [channels, batch]) as tf.Tensor2D;
      const offset = tf.expandDims(pass.weight<tf.Tensor1D>(`${name}/offset`), 1);
      const logits = tf.add(tf.matMul(pass.weight(`${name}/kernel`), scalars, true), offset);
      const open = tf.reshape(tf.sigmoid(logits), [degree + 1, channels, batch]);
      return tf.mul(rows, tf.gather(open, tables.degrees)) as tf.Tensor3D;
    },
    dispose: tables.dispose,
  };
}

/**
 * Every channel of every degree times σ(a s + b), s the mean square of its 2l + 1 numbers, a and b learned: a nonlinearity
 * of the length alone.
 * @source Worrall et al. 2017 (harmonic networks), arXiv:1612.04642, section 4.1, with the logistic function
 */
export function normActivation(name: string, shape: SignalShape): SignalLayer {
  requireSignal(shape, name);
  const { degree, channels } = shape;
  const tables = rowTables(degree);
  const each = (degree + 1) * channels;
  return {
    output: shape,
    parameters: [
      { name: `${name}/scale`, shape: [each], initial: ones },
      { name: `${name}/offset`, shape: [each], initial: zeros },
    ],
    batchNorms: [],
    apply(pass, rows) {
      const batch = rows.shape[2];
      const squares = tf.reshape(tf.square(rows), [rows.shape[0], channels * batch]) as tf.Tensor2D;
      const means = tf.reshape(tf.matMul(tables.means, squares), [degree + 1, channels, batch]);
      const [scale, offset] = ['scale', 'offset'].map((part) =>
        tf.reshape(pass.weight<tf.Tensor1D>(`${name}/${part}`), [degree + 1, channels, 1]),
      );
      const open = tf.sigmoid(tf.add(tf.mul(means, scale), offset));
      return tf.mul(rows, tf.gather(open, tables.degrees)) as tf.Tensor3D;
    },
    dispose: tables.dispose,
  };
}
