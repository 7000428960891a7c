import { requireInteger } from '../../core/checks.js';
import type { ProductSpace, Space } from '../../core/space.js';
import * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';
import { pairwiseDistance } from './pairwise.js';

/** Rows [from, from + distances.shape[0]) of the n x m distances. */
export interface DistanceBlock {
  readonly from: number;
  readonly distances: tf.Tensor2D;
}

/**
 * `pairwiseDistance` for reductions of more pairs than memory holds: one block of rows at a time. Each block's tensor
 * is the caller's to dispose of before the next; a gradient keeps the blocks that it needs.
 * @param rowsPerBlock >= 1; the last block may have fewer
 * @throws as pairwiseDistance; UsageError for rowsPerBlock
 */
export function* distanceBlocks(
  space: Exclude<Space, ProductSpace>,
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  rowsPerBlock: number,
  curvature?: Curvature,
): Generator<DistanceBlock, void, undefined> {
  requireInteger(rowsPerBlock, 1, 'distanceBlocks rowsPerBlock');
  for (let from = 0; from < x.shape[0]; from += rowsPerBlock) {
    const rows = Math.min(rowsPerBlock, x.shape[0] - from);
    const distances = tf.tidy(() => {
      const block = tf.slice(x, [from, 0], [rows, x.shape[1]]);
      return pairwiseDistance(space, block, y, curvature);
    });
    yield { from, distances };
  }
}
