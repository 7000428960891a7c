import * as tf from './tf.js';

/** Whether tensors live in a GPU's memory, from which reading them costs more than the fused kernels save. */
export function isOnDevice(): boolean {
  const name = tf.getBackend();
  const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
  return name === 'webgpu' || (name === 'tensorflow' && isUsingGpuDevice === true);
}
