import { keepFloats, returnFloats } from '../core/floatPool.js';
import * as tf from './tf.js';

/** The parts of tfjs-node's backend through which the array under a tensor goes in and out. */
interface HostedBackend {
  readonly tensorMap: { has(id: object): boolean; get(id: object): { values: object | null } };
  readSync(id: object): tf.backend_util.TypedArray;
  disposeData(id: object, force?: boolean): boolean;
}

let borrowing = false;

/**
 * From now on TensorFlow's backend returns the array of a tensor that is disposed, if it was lent (core/floatPool.ts):
 * unless somebody has read the tensor, or TensorFlow has taken the array for its own.
 */
export function recycleArrays(): void {
  const backend = tf.findBackend('tensorflow') as unknown as HostedBackend;
  const readSync = backend.readSync.bind(backend);
  const disposeData = backend.disposeData.bind(backend);
  backend.readSync = (id) => {
    const values = readSync(id);
    if (!borrowing) keepFloats(values);
    return values;
  };
  backend.disposeData = (id, force) => {
    const values = backend.tensorMap.has(id) ? backend.tensorMap.get(id).values : null;
    const isGone = disposeData(id, force);
    if (isGone && values) returnFloats(values);
    return isGone;
  };
}

/** The values of a tensor for a reader that is done with them before anything else is done with tensors. */
export function borrowValues(t: tf.Tensor): tf.backend_util.TypedArray {
  borrowing = true;
  try {
    return t.dataSync();
  } finally {
    borrowing = false;
  }
}
