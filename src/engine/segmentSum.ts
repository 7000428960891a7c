import * as tf from './tf.js';

/**
 * The kernel of tf.unsortedSegmentSum for backends whose values are on the host: one pass, where tfjs-backend-cpu 4.22 makes
 * one over the whole input for each segment and tfjs-backend-wasm has none. Rows of negative segments are left out.
 */
export const segmentSumOnHost: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const { x, segmentIds } = inputs as unknown as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
  const { numSegments } = attrs as unknown as { numSegments: number };
  const read = ({ dataId }: tf.TensorInfo) => (backend as tf.KernelBackend).readSync(dataId);
  const [values, ids] = [read(x), read(segmentIds)];
  const shape = [numSegments, ...x.shape.slice(1)];
  const columns = shape.slice(1).reduce((size, axis) => size * axis, 1);
  const sums = new (x.dtype === 'int32' ? Int32Array : Float32Array)(numSegments * columns);
  for (let row = 0; row < ids.length; row++) {
    const [from, to] = [row * columns, Number(ids[row]) * columns];
    if (!(to >= 0 && to < sums.length)) continue;
    for (let k = 0; k < columns; k++) sums[to + k] += values[from + k] as number;
  }
  return tf.tensor(sums, shape, x.dtype as 'int32' | 'float32') as unknown as tf.TensorInfo;
};

/** @param backendName one whose values are on the host */
export function installSegmentSum(backendName: string): void {
  if (tf.getKernel('UnsortedSegmentSum', backendName)) tf.unregisterKernel('UnsortedSegmentSum', backendName);
  tf.registerKernel({ kernelName: 'UnsortedSegmentSum', backendName, kernelFunc: segmentSumOnHost });
}
