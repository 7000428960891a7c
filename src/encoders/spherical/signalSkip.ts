import * as tf from '../../engine/tf.js';
import { rowCount, type SignalShape } from './signalRows.js';

/** y + x, of whose channels and degrees the first are taken as far as y has them, and zeros where x has none. */
export function addSkip(y: tf.Tensor3D, x: tf.Tensor3D, shape: SignalShape): tf.Tensor3D {
  const [rows, channels, batch] = x.shape;
  const wanted = [rowCount(shape.degree), shape.channels];
  const shared = [Math.min(rows, wanted[0]), Math.min(channels, wanted[1])];
  const first =
    shared[0] < rows || shared[1] < channels ? tf.slice(x, [0, 0, 0], [shared[0], shared[1], batch]) : x;
  if (shared[0] === wanted[0] && shared[1] === wanted[1]) return tf.add(y, first);
  const padded = tf.pad(first, [
    [0, wanted[0] - shared[0]],
    [0, wanted[1] - shared[1]],
    [0, 0],
  ]);
  return tf.add(y, padded);
}
