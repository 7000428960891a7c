import * as tf from '../../engine/tf.js';

/** What a closed form gives for each anchor. */
export interface AnchorWork {
  /** [n] each: the values, then numbers that come for free with them and have no gradient. */
  readonly rows: readonly tf.Tensor[];
  /** Gradients to the inputs. @param dy [n, 1], to the values */
  gradient(dy: tf.Tensor2D, saved: tf.Tensor[]): tf.Tensor | tf.Tensor[];
}

/** One op for the values of all anchors and their side products, each [n]; only the first has a gradient. */
export function anchorOp(
  inputs: readonly tf.Tensor[],
  work: (inputs: tf.Tensor[], save: tf.GradSaveFunc) => AnchorWork,
): tf.Tensor1D[] {
  const op = tf.customGrad((...args) => {
    const save = args[inputs.length] as unknown as tf.GradSaveFunc;
    const { rows, gradient } = work(args.slice(0, inputs.length) as tf.Tensor[], save);
    const value = tf.concat(rows.map((row) => tf.reshape(row, [1, -1])));
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      gradient(tf.reshape(tf.slice(dy, 0, 1), [-1, 1]), saved) as tf.Tensor;
    return { value, gradFunc };
  });
  const all = op(...inputs);
  return Array.from({ length: all.shape[0] as number }, (_, i) => tf.reshape(tf.slice(all, i, 1), [-1]));
}

/** 1 where t > bound, else 0, in two kernels; no gradient. NaN gives 0, so that it must come out by the values. */
export function above(t: tf.Tensor, bound: number): tf.Tensor {
  return tf.cast(tf.greater(t, bound), 'float32');
}

/** 1 on the diagonal, else 0: [n, n], off the tape. */
export function identity(n: number): tf.Tensor2D {
  const index = Int32Array.from({ length: n }, (_, i) => i);
  return tf.cast(
    tf.equal(tf.tensor2d(index, [n, 1], 'int32'), tf.tensor1d(index, 'int32')),
    'float32',
  ) as tf.Tensor2D;
}
