import { requireInteger, requirePositive } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { type AnchorValues, anchorValues } from './anchorValues.js';

/** Added to the logits of pairs that do not count; exp of it is 0 in float32. */
const EXCLUDED = -1e9;

export interface PairwiseCrossEntropyOptions {
  /** In the unit of the distances, > 0; 1 for the negated logits of several heads. Default 0.2. */
  readonly temperature?: number;
  /** Samples of each item that lie one under the other, >= 2. Default 2. */
  readonly views?: number;
}

/** Those of Hyp-ViT, which has two samples a class where memory allows no more. */
export const PAIRWISE_CROSS_ENTROPY_DEFAULTS = { temperature: 0.2, views: 2 } as const;
export const PAIRWISE_CROSS_ENTROPY_REDUCER = 'mean';

/**
 * Cross-entropy of each anchor's positive in another view, against the negatives of that view and of the anchor's own:
 * `positives` over all positive pairs. The published loss goes through the ordered pairs of views, a softmax [N, 2N]
 * each, and sums their means: it is the mean here times views (views - 1). With two views it is `pairSoftmax`; with more,
 * that one has the negatives of every view in each denominator. Once differentiable.
 * @param compared  distances [n, views N], view by view: reference v N + i is sample v of item i; the anchors are the first
 *   n references, n a multiple of N: all of them, or the first view's alone
 * @throws ShapeError unless the distances can be cut so; DomainError unless temperature > 0
 * @source Ermolov et al. 2022, arXiv:2203.10833, eq. 8; Yue et al. 2024, arXiv:2404.15523, for distances added over heads
 */
export function pairwiseCrossEntropy(
  { distances, plan }: Compared,
  options: PairwiseCrossEntropyOptions = {},
): LossTerms {
  const { temperature, views } = { ...PAIRWISE_CROSS_ENTROPY_DEFAULTS, ...options };
  requirePositive(temperature, 'pairwiseCrossEntropy temperature');
  requireInteger(views, 2, 'pairwiseCrossEntropy views');
  const [n, m] = distances.shape;
  const items = m / views;
  if (!(Number.isInteger(items) && n <= m && n % items === 0)) {
    const expected = `${views} views of one size, and anchors that are the first of them`;
    const remedy = 'pass all items of a view before those of the next';
    throw new ShapeError(expectation('pairwiseCrossEntropy distances', expected, distances.shape, remedy));
  }
  const byView = <T extends tf.Tensor>(t: T) => tf.reshape(t, [n, views, items]) as tf.Tensor3D;
  const values = anchorValues(distances, (d) => {
    const masks = { positives: byView(plan.positives), negatives: byView(plan.negatives) };
    const { value, slope } = ofViews(
      byView(tf.mul(d, -1 / temperature)),
      masks,
      ownView(n / items, items, views),
    );
    return { values: value, slopes: tf.reshape(tf.mul(slope, -1 / temperature), [n, m]) };
  });
  return { positives: { values, counts: tf.sum(plan.positives, 1) } };
}

interface Masks {
  readonly positives: tf.Tensor3D;
  readonly negatives: tf.Tensor3D;
}

/** s: logits [n, views, N]; own: [n, views, 1], 1 at the anchor's own view. */
function ofViews(
  s: tf.Tensor3D,
  { positives, negatives }: Masks,
  own: tf.Tensor3D,
): { value: AnchorValues['values']; slope: tf.Tensor } {
  const masked = tf.add(s, tf.mul(tf.sub(1, negatives), EXCLUDED));
  const largest = tf.max(masked, 2, true);
  const weights = tf.exp(tf.sub(masked, largest));
  const sums = tf.sum(weights, 2, true);
  // Log-sums of the negatives, view by view; then those of a pair of views, which are an own view's alone within it.
  const ofView = tf.add(largest, tf.log(sums));
  const ofOwn = tf.sum(tf.mul(ofView, own), 1, true);
  const ofOther = tf.add(ofView, tf.mul(own, EXCLUDED));
  const lead = tf.sub(ofOther, ofOwn);
  const ofPair = tf.add(tf.maximum(ofOther, ofOwn), tf.softplus(tf.neg(tf.abs(lead))));
  const margin = tf.sub(ofPair, s);
  const pull = tf.mul(positives, tf.sigmoid(margin));
  const byView = tf.sum(pull, 2, true);
  const toOther = tf.mul(byView, tf.sigmoid(lead));
  const toOwn = tf.mul(own, tf.sum(tf.mul(byView, tf.sigmoid(tf.neg(lead))), 1, true));
  // Without negatives in a view its weights are not 0, but what they are multiplied by is.
  const spread = tf.mul(weights, tf.div(tf.add(toOther, toOwn), sums));
  return {
    value: tf.sum(tf.mul(positives, tf.softplus(margin)), [1, 2]) as tf.Tensor1D,
    slope: tf.sub(spread, pull),
  };
}

/** [anchorViews * items, views, 1] */
function ownView(anchorViews: number, items: number, views: number): tf.Tensor3D {
  const range = (length: number) => tf.range(0, length, 1, 'int32');
  const equal = tf.equal(tf.expandDims(range(anchorViews), 1), tf.expandDims(range(views), 0));
  const identity = tf.cast(equal, 'float32');
  const rows = tf.tile(tf.reshape(identity, [anchorViews, 1, views]), [1, items, 1]);
  return tf.reshape(rows, [anchorViews * items, views, 1]);
}
