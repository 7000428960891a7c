import type { PointSets } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { poolElements } from '../sets/pooling.js';

/**
 * The mean of each cloud's points [n, dim] and the points less it [n, N, dim], absent ones zero. Far from the origin the
 * first mean is rounded as its coordinates are; the second, of small numbers, takes the rest away. Call inside tidy.
 */
export function centred({ points, mask }: PointSets): { centre: tf.Tensor2D; places: tf.Tensor3D } {
  const present = tf.expandDims(mask, 2);
  const less = (x: tf.Tensor3D, mean: tf.Tensor2D): tf.Tensor3D =>
    tf.mul(tf.sub(x, tf.expandDims(mean, 1)), present);
  const about = poolElements(points, mask, 'mean');
  const near = less(points, about);
  const rest = poolElements(near, mask, 'mean');
  return { centre: tf.add(about, rest), places: less(near, rest) };
}
