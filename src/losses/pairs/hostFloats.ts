import type * as tf from '../../engine/tf.js';

/**
 * The values of a float32 tensor on the host. Under one that was cast, the JavaScript backend keeps the array that it
 * was cast from.
 */
export function hostFloats(t: tf.Tensor): Float32Array {
  const values = t.dataSync();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
