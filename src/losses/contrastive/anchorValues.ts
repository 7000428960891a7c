import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { logSumNegatives } from '../../sampling/hardness.js';

/** A loss of each anchor and its derivative to the anchor's row; nothing in it is on the tape. */
export interface AnchorValues {
  /** [n] */
  readonly values: tf.Tensor1D;
  /** [n, m] */
  readonly slopes: tf.Tensor2D;
}

/**
 * The values [n] of a function of rows as one op whose gradient is dy times the slopes, computed in the same pass; once
 * differentiable.
 * @param x [n, m]; row i alone decides value i
 */
export function anchorValues(x: tf.Tensor2D, compute: (x: tf.Tensor2D) => AnchorValues): tf.Tensor1D {
  const op = tf.customGrad((...args) => {
    const [input, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const { values, slopes } = compute(input);
    save([slopes]);
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(tf.expandDims(dy, 1), saved);
    return { value: values, gradFunc };
  });
  return op(x) as tf.Tensor1D;
}

/** The sum over an anchor's positives of what `pairSoftmax` takes the mean of. Call inside tidy. */
export function softmaxOfAnchors(logits: tf.Tensor2D, { positives, negatives }: PairPlan): AnchorValues {
  const toNegatives = logSumNegatives(logits, negatives);
  const margin = tf.sub(toNegatives, logits);
  const pull = tf.mul(positives, tf.sigmoid(margin));
  const spread = tf.mul(tf.exp(tf.minimum(tf.sub(logits, toNegatives), 0)), negatives);
  return {
    values: tf.sum(tf.mul(positives, tf.softplus(margin)), 1) as tf.Tensor1D,
    slopes: tf.sub(tf.mul(spread, tf.sum(pull, 1, true)), pull) as tf.Tensor2D,
  };
}
