import { borrowValues } from './recycling.js';
import type * as tf from './tf.js';

// A tensor that was made from an array on the host, and that no op of TensorFlow has read, gives that array back without
// a copy: a chain of fused kernels moves nothing. The JavaScript backend gives its own memory: never write into it.
// Under a tensor that was cast, that backend keeps the array that it was cast from.

/** The values of a float32 tensor, on engines that can be read synchronously. */
export function floatsOf(t: tf.Tensor): Float32Array {
  const values = t.dataSync();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** The same for a reader that is done with them before anything else is done with tensors. */
export function borrowFloats(t: tf.Tensor): Float32Array {
  const values = borrowValues(t);
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** The values of an int32 tensor. */
export function intsOf(t: tf.Tensor): Int32Array {
  const values = t.dataSync();
  return values instanceof Int32Array ? values : Int32Array.from(values);
}
