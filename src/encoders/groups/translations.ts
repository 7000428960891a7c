import { requireInteger } from '../../core/checks.js';
import type { PointSets } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import type { BatchGroup } from './batchGroup.js';
import { requireColumns } from './shapes.js';

/**
 * T(dim) on clouds: an element is a shift [n, dim], in the unit of the points. ψ takes a place that moves along with
 * the cloud [n, dim], as a mean of its points, as it is. Absent points stay zero.
 * @throws UsageError unless dim is a whole number >= 1; ShapeError for features of other shapes
 */
export function translationsBatch(dim: number): BatchGroup<PointSets, tf.Tensor2D, tf.Tensor2D> {
  requireInteger(dim, 1, 'translationsBatch dim');
  const name = `T(${dim})`;
  return {
    name,
    fromFeatures(features) {
      requireColumns(features, [dim], `${name} features`);
      return features;
    },
    act(g, x) {
      const shift: tf.Tensor3D = tf.mul(tf.expandDims(g, 1), tf.expandDims(x.mask, 2));
      return { ...x, points: tf.add(x.points, shift) };
    },
    inverse: (g) => tf.neg(g),
  };
}
