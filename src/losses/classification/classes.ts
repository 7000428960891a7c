import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import { intsOf } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';

/**
 * Class of each item, a whole number 0..k-1: [n], int32. On the host it is checked; values of a tensor cannot be looked
 * at, and an item whose class does not exist has the loss NaN.
 */
export type ClassLabels = tf.Tensor1D | Int32Array;

/** Which of k classes each of n items belongs to. No gradient. */
export interface Classes {
  /** [n], int32: the class, always one that exists. */
  readonly index: tf.Tensor1D;
  /** [n, 1], int32: where a row-major [n, k] has the entry of each item and its class. */
  readonly cells: tf.Tensor2D;
  /** [n, 1]: 1, or NaN for a class that does not exist; absent where the labels were checked. */
  readonly known?: tf.Tensor2D;
}

/**
 * Labels on the host are checked; of a tensor, the shape.
 * @throws ShapeError unless there is an int32 label for each item, DomainError naming the row of one outside 0..k-1
 */
export function requireLabels(labels: ClassLabels, n: number, k: number, who: string): void {
  if (!(labels instanceof Int32Array)) {
    if (labels.dtype !== 'int32') {
      throw new ShapeError(expectation(`${who} labels`, 'int32', labels.dtype, 'cast the labels'));
    }
    requireCount(labels.rank === 1 ? labels.size : Number.NaN, n, who);
    return;
  }
  requireCount(labels.length, n, who);
  const row = labels.findIndex((label) => !(label >= 0 && label < k));
  if (row < 0) return;
  const expected = `a class 0..${k - 1}`;
  throw new DomainError(expectation(`${who} labels row ${row}`, expected, labels[row], 'number the classes'));
}

/** The labels as numbers, those of a tensor as they are: for the fused kernels, which look at each. */
export function hostLabels(labels: ClassLabels): Int32Array {
  return labels instanceof Int32Array ? labels : intsOf(labels);
}

/** Of labels that `requireLabels` has seen. Call inside tidy. */
export function classesOf(labels: ClassLabels, n: number, k: number): Classes {
  if (labels instanceof Int32Array) {
    const index = tf.tensor1d(labels, 'int32');
    return { index, cells: cellsOf(index, n, k) };
  }
  const numbers = tf.cast(labels, 'float32');
  const inside = tf.minimum(tf.maximum(numbers, 0), k - 1);
  const exists = tf.cast(tf.equal(numbers, inside), 'float32');
  const index = tf.cast(inside, 'int32') as tf.Tensor1D;
  return { index, cells: cellsOf(index, n, k), known: tf.reshape(tf.div(exists, exists), [n, 1]) };
}

function cellsOf(index: tf.Tensor1D, n: number, k: number): tf.Tensor2D {
  return tf.reshape(tf.add(index, tf.range(0, n * k, k, 'int32')), [n, 1]);
}

/** The entries of [n, k] at the cells: [n, 1]. */
export function entriesAt(matrix: tf.Tensor2D, cells: tf.Tensor2D): tf.Tensor2D {
  return tf.gather(tf.reshape(matrix, [-1]), cells) as unknown as tf.Tensor2D;
}

/** [n, k] with the entries, [n, 1], at the cells and 0 elsewhere. No gradient: for use inside customGrad. */
export function entriesAlone(entries: tf.Tensor2D, cells: tf.Tensor2D, k: number): tf.Tensor2D {
  const n = entries.shape[0];
  return tf.reshape(tf.scatterND(cells, tf.reshape(entries, [n]), [n * k]), [n, k]);
}

/**
 * The matrix with other entries, [n, 1], at the cells. No gradient: for use inside customGrad.
 * @param matrix a result that nothing else holds: the JavaScript engine writes into it
 */
export function withEntries(matrix: tf.Tensor2D, cells: tf.Tensor2D, entries: tf.Tensor): tf.Tensor2D {
  const [flat, updates] = [tf.reshape(matrix, [-1]), tf.reshape(entries, [-1])];
  return tf.reshape(tf.tensorScatterUpdate(flat, cells, updates), matrix.shape);
}

function requireCount(count: number, n: number, who: string): void {
  if (count === n) return;
  throw new ShapeError(expectation(`${who} labels`, `${n}, one for each item`, count, 'align the labels'));
}
