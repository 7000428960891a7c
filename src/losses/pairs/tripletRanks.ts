import { fused } from '../../engine/fused.js';
import { borrowFloats } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import type { Compared, Terms } from '../terms.js';
import { anchorOp } from './anchorOp.js';
import { hostTriplets } from './hostTriplets.js';

/**
 * Σ max(0, d_ap - d_an + margin) over all triplets of each anchor without visiting them: with the anchor's positives in
 * order, each negative finds by bisection how many of them it violates, and the gradients are these counts. O(n m log p)
 * steps on the host in float64, by the addon where it is, O(n m) memory.
 */
export function rankedTriplets({ distances, plan }: Compared, margin: number): Terms {
  const [anchors, references] = distances.shape;
  const rank = fused('triplets') ?? hostTriplets;
  const [sums, active] = anchorOp([distances], ([d], save) => {
    const ranks = rank({
      distances: borrowFloats(d),
      positives: borrowFloats(plan.positives),
      negatives: borrowFloats(plan.negatives),
      ...{ anchors, references, margin },
    });
    save([tf.tensor2d(ranks.slope, [anchors, references])]);
    return {
      rows: [tf.tensor1d(ranks.sums), tf.tensor1d(ranks.active)],
      gradient: (dy, [slope]) => tf.mul(slope, dy),
    };
  });
  const counts = tf.mul(tf.sum(plan.positives, 1), tf.sum(plan.negatives, 1));
  return { values: sums, counts, active };
}
