import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';

/**
 * Distances of each sample to the items of one other view and of its own, as the published losses with several views
 * have them: rows are the ordered pairs of views (own, other), own by own, each with its N samples; columns are the N
 * samples of the other view, then those of the own. A loss of `planOfViewPairs` on them is the mean over all pairs
 * of views of that loss with two views.
 * @param distances [views N, views N], view by view: row v N + i is sample v of item i
 * @returns [views (views - 1) N, 2 N], with gradient
 * @throws ShapeError unless the distances can be cut so, UsageError for fewer than two views
 * @source Ermolov et al. 2022, arXiv:2203.10833, section 3.3
 */
export function viewPairs(distances: tf.Tensor2D, views: number): tf.Tensor2D {
  requireInteger(views, 2, 'viewPairs views');
  const [n, m] = distances.shape;
  if (n !== m || n % views !== 0) {
    const remedy = 'pass all items of a view before those of the next';
    throw new ShapeError(
      expectation('viewPairs distances', `a square of ${views} views of one size`, distances.shape, remedy),
    );
  }
  return tf.tidy(() => {
    const pairs = tf.split(distances, views, 0).flatMap((ofView, own) => {
      const blocks = tf.split(ofView, views, 1);
      const others = blocks.filter((_, other) => other !== own);
      return others.map((block) => tf.concat([block, blocks[own]], 1));
    });
    return tf.concat(pairs, 0) as tf.Tensor2D;
  });
}

/** The plan of `viewPairs` for items that are all of different classes. Call inside tidy. */
export function planOfViewPairs(items: number, views: number): PairPlan {
  const index = tf.range(0, items, 1, 'int32');
  const same = tf.cast(tf.equal(tf.expandDims(index, 1), tf.expandDims(index, 0)), 'float32');
  const other = tf.sub(1, same);
  const repeated = (parts: tf.Tensor[]) =>
    tf.tile(tf.concat(parts, 1), [views * (views - 1), 1]) as tf.Tensor2D;
  return { positives: repeated([same, tf.zerosLike(same)]), negatives: repeated([other, other]) };
}
