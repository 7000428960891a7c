import type { ProductSpace, Space } from '../../core/space.js';
import * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';
import { requireShapes } from './pairSpace.js';
import { chordDistance } from './pairwise.js';

/**
 * Distance of row i of x to row i of y, with the formulas, derivatives, exactness and errors of `pairwiseDistance`.
 * A star's rows are different items.
 * @param x, y [n, columnsOf(space)]
 * @returns [n]
 */
export function rowDistance(
  space: Exclude<Space, ProductSpace>,
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  curvature?: Curvature,
): tf.Tensor1D {
  requireShapes(space, x, y, 'rows', 'rowDistance');
  if (space.kind === 'innerProduct') return tf.tidy(() => tf.neg(tf.sum(tf.mul(x, y), 1)) as tf.Tensor1D);
  if (space.kind === 'star') return tf.tidy(() => tf.reshape(tf.add(x, y), [-1]) as tf.Tensor1D);
  return chordDistance(space, x, y, curvature, 'rows', 'rowDistance') as tf.Tensor1D;
}
