import * as tf from '../../engine/tf.js';
import type { RowTables, SignalShape } from './signalRows.js';

/**
 * What no rotation changes of each channel by itself: its scalar with its sign, and above degree 0 the root of the mean
 * square over the degree's rows. For features, not for training: the root has no gradient at 0. Call inside tidy.
 * @param rows [(degree + 1)², channels, batch]
 * @returns [batch, (degree + 1) channels], degree after degree
 */
export function signalInvariants(
  rows: tf.Tensor3D,
  { degree, channels }: SignalShape,
  tables: RowTables,
): tf.Tensor2D {
  const batch = rows.shape[2];
  const flat = tf.reshape(tf.square(rows), [-1, channels * batch]) as tf.Tensor2D;
  const sizes = tf.reshape(tf.sqrt(tf.matMul(tables.means, flat)), [degree + 1, channels, batch]);
  const scalars = tf.slice(rows, 0, 1);
  const all = degree === 0 ? scalars : tf.concat([scalars, tf.slice(sizes, 1, degree)], 0);
  return tf.transpose(tf.reshape(all, [-1, batch])) as tf.Tensor2D;
}
