import { heNormal, zeros } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';
import type { Encoder } from './encoder.js';

export interface MlpOptions {
  /** Columns of a vector. */
  readonly columns: number;
  /** Units of the hidden layer; 0: the vectors themselves are the codes, and the heads are linear maps of them. */
  readonly hidden: number;
}

/**
 * vectors [n, columns] -> codes: the vectors with one hidden layer of rectified units beside them, so that heads can
 * always fall back on a linear map. Expects columns of mean 0 and root mean square about 1.
 */
export function mlp({ columns, hidden }: MlpOptions): Encoder {
  const common = { kind: 'mlp', columns, batchNorms: [], dispose: () => {} };
  if (hidden === 0)
    return { ...common, codeDim: columns, parameters: [], encode: (_, x) => ({ code: tf.clone(x) }) };
  return {
    ...common,
    codeDim: columns + hidden,
    parameters: [
      { name: 'encoder/hidden/kernel', shape: [columns, hidden], initial: heNormal(columns) },
      { name: 'encoder/hidden/offset', shape: [hidden], initial: zeros },
    ],
    encode(pass, x) {
      const units = tf.matMul(x, pass.weight('encoder/hidden/kernel'));
      const hiddenUnits = tf.relu(tf.add(units, pass.weight<tf.Tensor1D>('encoder/hidden/offset')));
      return { code: tf.concat([x, hiddenUnits], 1) as tf.Tensor2D };
    },
  };
}
