import { requireInteger } from '../core/checks.js';
import type { PointSets } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import type { Layout } from './invariantAutoencoder.js';

/** Images, row-major, channels last: rows [n, height * width * channels] <-> [n, height, width, channels]. */
export function imageLayout(height: number, width: number, channels = 1): Layout<tf.Tensor4D> {
  for (const [name, value] of Object.entries({ height, width, channels }))
    requireInteger(value, 1, `imageLayout ${name}`);
  return {
    columns: height * width * channels,
    unpack: (rows) => tf.reshape(rows, [-1, height, width, channels]) as tf.Tensor4D,
  };
}

export interface PointSetLayoutOptions {
  /** Most elements of a set. */
  readonly maxPoints: number;
  /** Numbers of an element, or coordinates of a point. */
  readonly dim: number;
  /** Further numbers of a point that no motion changes, as its kind one-hot; 0 by default. */
  readonly kinds?: number;
}

/**
 * Sets or clouds of up to maxPoints: point by point its dim coordinates, its kinds and 1, or zeros where there is none;
 * those that are there come first. rows [n, maxPoints * (dim + kinds + 1)].
 */
export function pointSetLayout({ maxPoints, dim, kinds = 0 }: PointSetLayoutOptions): Layout<PointSets> {
  requireInteger(maxPoints, 1, 'pointSetLayout maxPoints');
  requireInteger(dim, 1, 'pointSetLayout dim');
  requireInteger(kinds, 0, 'pointSetLayout kinds');
  const width = dim + kinds + 1;
  return {
    columns: maxPoints * width,
    unpack(rows) {
      const all = tf.reshape(rows, [-1, maxPoints, width]) as tf.Tensor3D;
      const sizes = kinds > 0 ? [dim, kinds, 1] : [dim, 1];
      const parts = tf.split(all, sizes, 2) as tf.Tensor3D[];
      const mask = tf.reshape(parts[parts.length - 1], [-1, maxPoints]) as tf.Tensor2D;
      return { points: parts[0], mask, ...(kinds > 0 && { kinds: parts[1] }) };
    },
  };
}
