import * as tf from '../../engine/tf.js';

/**
 * The positives of all anchors as `count` slots: slot k holds every anchor's k-th positive. Losses that compare each
 * positive with a whole row go from slot to slot, so that no array is larger than the distances.
 */
export interface PositiveSlots {
  /** The most positives that an anchor has, at least 1; more where the engine cannot be asked without waiting. */
  readonly count: number;
  /** [n, count], int32: columns of the positives, in order; of no meaning where none is present. */
  readonly columns: tf.Tensor2D;
  /** [n, count], 0/1 */
  readonly present: tf.Tensor2D;
  /** Entries of an [n, m] tensor at the positives: [n, count]. */
  take(matrix: tf.Tensor): tf.Tensor2D;
  /** [n, count] -> [n, m], 0 elsewhere; values of absent positives must be 0. */
  put(values: tf.Tensor): tf.Tensor2D;
}

/** Call inside tidy, off the tape. Reads one number from the engine: the count. */
export function positiveSlots(positives: tf.Tensor2D): PositiveSlots {
  const { values: present, indices: columns } = tf.topk(positives, mostPositives(positives));
  return slotsAt(columns, present, positives.shape[1]);
}

/** The slots of an [n, m] plan from their tensors, as a backward pass has them. */
export function slotsAt(columns: tf.Tensor2D, present: tf.Tensor2D, m: number): PositiveSlots {
  const [n, count] = columns.shape;
  const rowStarts = tf.reshape(tf.range(0, n * m, m, 'int32'), [n, 1]);
  const at = tf.reshape(tf.add(columns, rowStarts), [-1]) as tf.Tensor1D;
  return {
    count,
    columns,
    present,
    take: (matrix) => tf.reshape(tf.gather(tf.reshape(matrix, [-1]), at), [n, count]),
    put: (values) =>
      tf.reshape(tf.scatterND(tf.reshape(at, [-1, 1]), tf.reshape(values, [-1]), [n * m]), [n, m]),
  };
}

/** Column k of an [n, count] tensor: [n, 1]. */
export function slot(values: tf.Tensor2D, k: number): tf.Tensor2D {
  return tf.slice(values, [0, k], [values.shape[0], 1]);
}

function mostPositives(positives: tf.Tensor2D): number {
  // WebGPU answers asynchronously alone; empty slots cost time and change nothing.
  if (tf.getBackend() === 'webgpu') return positives.shape[1];
  // Never none: not every engine can sum over an axis of length 0.
  return Math.max(1, tf.max(tf.sum(positives, 1)).dataSync()[0]);
}
