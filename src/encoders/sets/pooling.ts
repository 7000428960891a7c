import * as tf from '../../engine/tf.js';

export const POOLINGS = ['sum', 'mean', 'max'] as const;
export type Pooling = (typeof POOLINGS)[number];

/** Below every number that a layer can give, so that an absent element is never the largest. */
const ABSENT = -1e30;

/**
 * Over the elements that are there, whatever their order: h [n, N, c], mask [n, N] -> [n, c]; zeros for an empty set.
 * Call inside tidy.
 */
export function poolElements(h: tf.Tensor3D, mask: tf.Tensor2D, pooling: Pooling): tf.Tensor2D {
  const present = tf.expandDims(mask, 2);
  if (pooling === 'max') {
    const lowered = tf.add(tf.mul(h, present), tf.mul(tf.sub(1, present), ABSENT));
    return tf.mul(tf.max(lowered, 1), tf.max(mask, 1, true)) as tf.Tensor2D;
  }
  const total = sumElements(h, mask);
  return pooling === 'sum' ? total : tf.div(total, tf.maximum(tf.sum(mask, 1, true), 1));
}

/** As a product with the mask: one pass over h, and no transposed sum. */
function sumElements(h: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const [, N, columns] = h.shape;
  const sums = tf.matMul(tf.reshape(mask, [-1, 1, N]) as tf.Tensor3D, h);
  return tf.reshape(sums, [-1, columns]) as tf.Tensor2D;
}
