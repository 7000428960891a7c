import type { Linearization } from '../engine/linearization.js';
import type { Pass } from '../engine/network.js';
import { heNormal, zeros } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';
import { linearMap } from './dense.js';
import type { Encoder } from './encoder.js';
import { activation, inSequence, type LipschitzBounds } from './rowLayer.js';

export interface MlpOptions {
  /** Columns of a vector. */
  readonly columns: number;
  /** Units of the hidden layer; 0: the vectors themselves are the codes, and the heads are linear maps of them. */
  readonly hidden: number;
}

/** An encoder whose derivative and stretch are known. */
export interface SmoothEncoder extends Encoder {
  /** rows [n, columns] -> codes and their derivative. Call inside tidy. */
  linearize(pass: Pass, rows: tf.Tensor2D): Linearization;
  /** Of the code by the rows, in Euclidean lengths. Call inside tidy. */
  lipschitz(pass: Pass): LipschitzBounds<tf.Scalar>;
}

/**
 * vectors [n, columns] -> codes: the vectors with one hidden layer of rectified units beside them, so that heads can
 * always fall back on a linear map. Expects columns of mean 0 and root mean square about 1.
 */
export function mlp({ columns, hidden }: MlpOptions): SmoothEncoder {
  const common = { kind: 'mlp', columns, batchNorms: [], dispose: () => {} };
  if (hidden === 0)
    return {
      ...{ ...common, codeDim: columns, parameters: [] },
      encode: (_, x) => ({ code: tf.clone(x) }),
      linearize: (_, x) => ({ value: tf.clone(x), pushforward: tf.clone, pullback: tf.clone }),
      lipschitz: () => ({ lower: tf.scalar(1), upper: tf.scalar(1) }),
    };
  const rectified = inSequence([
    {
      parameters: [],
      ...linearMap(
        (pass) => pass.weight('encoder/hidden/kernel'),
        (pass) => pass.weight<tf.Tensor1D>('encoder/hidden/offset'),
      ),
    },
    activation('relu'),
  ]);
  const beside = <T extends tf.Tensor>(x: T, units: tf.Tensor): T => tf.concat([x, units], x.rank - 1) as T;
  return {
    ...common,
    codeDim: columns + hidden,
    parameters: [
      { name: 'encoder/hidden/kernel', shape: [columns, hidden], initial: heNormal(columns) },
      { name: 'encoder/hidden/offset', shape: [hidden], initial: zeros },
    ],
    encode: (pass, x) => ({ code: beside(x, rectified.apply(pass, x)) }),
    linearize(pass, x) {
      const { value, pushforward, pullback } = rectified.linearize(pass, x);
      return {
        value: beside(x, value),
        pushforward: (v) => beside(v, pushforward(v)),
        pullback(u) {
          const [own, units] = tf.split(u, [columns, hidden], u.rank - 1);
          return tf.add(own, pullback(units));
        },
      };
    },
    // The code holds the vector itself, so that it is never nearer: |code|² = |x|² + |units|².
    lipschitz(pass) {
      const { upper } = rectified.lipschitz(pass);
      return { lower: tf.scalar(1), upper: tf.sqrt(tf.add(tf.square(upper), 1)) };
    },
  };
}
