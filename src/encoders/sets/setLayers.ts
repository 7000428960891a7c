import { requireInteger } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { Pass } from '../../engine/network.js';
import type { ParameterSpec } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { linear } from '../dense.js';
import { type Pooling, poolElements } from './pooling.js';

/** A map of the elements of each set that commutes with every reordering of them. */
export interface SetLayer {
  readonly outputs: number;
  readonly parameters: readonly ParameterSpec[];
  /** h [n, N, inputs], mask [n, N] -> [n, N, outputs]; what it gives for absent elements is for nobody to read. */
  apply(pass: Pass, h: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D;
}

/**
 * relu(h_i W + pool(h) V + b): with one pooling, every linear map of sets that commutes with reordering.
 * @throws UsageError unless inputs and outputs are whole numbers >= 1
 * @source Zaheer et al. 2017, arXiv:1703.06114, lemma 3
 */
export function deepSetLayer(
  name: string,
  inputs: number,
  outputs: number,
  pooling: Pooling = 'mean',
): SetLayer {
  const own = linear(`${name}/own`, inputs, outputs);
  const all = linear(`${name}/all`, inputs, outputs, false);
  return {
    outputs,
    parameters: [...own.parameters, ...all.parameters],
    apply(pass, h, mask) {
      const context = all.apply(pass, poolElements(h, mask, pooling));
      return tf.relu(tf.add(own.apply(pass, h), tf.expandDims(context, 1))) as tf.Tensor3D;
    },
  };
}

/** Added to the logits of absent elements: exp of it is 0, and all alike in an empty set. */
const ABSENT = -1e9;

/**
 * h + multi-head self-attention of h over the elements that are there: no element sees an absent one.
 * @throws UsageError unless `heads` divides `width`
 * @source Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2; on sets: Lee et al. 2019, arXiv:1810.00825
 */
export function attentionLayer(name: string, width: number, heads: number): SetLayer {
  requireInteger(width, 1, `${name} width`);
  requireInteger(heads, 1, `${name} heads`);
  if (width % heads !== 0)
    throw new UsageError(expectation(`${name} heads`, `a divisor of ${width}`, heads, 'change one of both'));
  const each = width / heads;
  const projection = linear(`${name}/projection`, width, 3 * width, false);
  const output = linear(`${name}/output`, width, width);
  return {
    outputs: width,
    parameters: [...projection.parameters, ...output.parameters],
    apply(pass, h, mask) {
      const N = h.shape[1];
      const byHead = (x: tf.Tensor) =>
        tf.transpose(tf.reshape(x, [-1, N, heads, each]), [0, 2, 1, 3]) as tf.Tensor4D;
      const [q, k, v] = tf.split(projection.apply(pass, h), 3, 2).map(byHead);
      const hidden = tf.reshape(tf.mul(tf.sub(1, mask), ABSENT), [-1, 1, 1, N]);
      const logits = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(each)), hidden);
      const seen = tf.matMul(tf.softmax(logits) as tf.Tensor4D, v);
      const together = tf.reshape(tf.transpose(seen, [0, 2, 1, 3]), [-1, N, width]);
      return tf.add(h, output.apply(pass, together));
    },
  };
}
