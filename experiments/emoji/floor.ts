import { tf } from '../../src/index.js';
import { CHANNELS, type Drawings } from './drawings.js';
import type { Similarities } from './ranks.js';

/** Pixels along a side of the pictures that are compared. */
const SIDE = 16;

/** Cosines of the drawings themselves, shrunk to 16 x 16 and less their mean: what needs no training. */
export async function pixelCosines({ size, pixels }: Drawings, rows: Int32Array): Promise<Similarities> {
  const bytes = size * size * CHANNELS;
  const values = new Float32Array(rows.length * bytes);
  for (const [i, row] of rows.entries())
    values.set(pixels.subarray(row * bytes, (row + 1) * bytes), i * bytes);
  const cosines = tf.tidy(() => {
    const images = tf.tensor4d(values, [rows.length, size, size, CHANNELS]);
    const step = size / SIDE;
    const small = tf.reshape(tf.avgPool(images, step, step, 'valid'), [rows.length, -1]);
    const centred = tf.sub(small, tf.mean(small, 0));
    const unit = tf.div(centred, tf.norm(centred, 2, 1, true)) as tf.Tensor2D;
    return tf.matMul(unit, unit, false, true);
  });
  const similarities = (await cosines.data()) as Float32Array;
  cosines.dispose();
  return similarities;
}
