import type { PointSets } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { NEGLIGIBLE_LENGTH } from '../../symmetry/groups/frames.js';
import type { BatchGroup } from './batchGroup.js';
import { requireColumns } from './shapes.js';

/**
 * Scaling of clouds about the origin: an element is a factor > 0, [n, 1]. ψ takes the absolute value of a number that
 * scales with the cloud [n, 1], as its radius; below 1e-10 (all points in one place) it gives 1.
 */
export function scalingBatch(): BatchGroup<PointSets, tf.Tensor2D, tf.Tensor2D> {
  return {
    name: 'scaling',
    fromFeatures(features) {
      requireColumns(features, [1], 'scaling features');
      const size = tf.abs(features);
      const counts = tf.step(tf.sub(size, NEGLIGIBLE_LENGTH));
      return tf.add(tf.mul(size, counts), tf.sub(1, counts)) as tf.Tensor2D;
    },
    act: (g, x) => ({ ...x, points: tf.mul(x.points, tf.expandDims(g, 1)) }),
    inverse: (g) => tf.reciprocal(g),
  };
}
