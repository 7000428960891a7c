import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { logSumNegatives } from '../../sampling/hardness.js';

/**
 * Cross-entropy of each positive against the anchor's negatives, mean over all positive pairs:
 * -log( exp s_ip / (exp s_ip + Σ_neg exp s_ij) ). With two items a class this is HypMix's pairwise loss, with m items
 * its sum over all pairs of views, every view's negatives counted.
 * @param logits [n, n], similarity or -distance / temperature; the sum over heads gives HypMix's mixed softmax
 * @returns      scalar, nats, >= 0; 0 with zero gradient when the plan has no positive pair
 * @source       Yue et al. 2024, arXiv:2404.15523; Khosla et al. 2020, arXiv:2004.11362, with positives kept out of
 *   each other's denominators. Gradient in closed form: p(x-) spread over the negatives in proportion to exp s.
 */
export function pairSoftmax(logits: tf.Tensor2D, plan: PairPlan): tf.Scalar {
  const { positives, negatives } = plan;
  const op = tf.customGrad((...args) => {
    const s = args[0] as unknown as tf.Tensor2D;
    const save = args[1] as unknown as tf.GradSaveFunc;
    const toNegatives = logSumNegatives(s, negatives);
    const share = tf.div(positives, tf.maximum(tf.sum(positives), 1)) as tf.Tensor2D;
    const margin = tf.sub(toNegatives, s);
    // The plan is saved too: what a forward pass made is freed before the backward pass unless it is saved.
    save([s, toNegatives, tf.mul(share, tf.sigmoid(margin)), tf.clone(negatives)]);
    const gradFunc = (dy: tf.Tensor, [savedS, logSum, pull, mask]: tf.Tensor[]) => {
      const spread = tf.mul(tf.exp(tf.minimum(tf.sub(savedS, logSum), 0)), mask);
      return tf.mul(dy, tf.sub(tf.mul(spread, tf.sum(pull, 1, true)), pull));
    };
    return { value: tf.sum(tf.mul(share, tf.softplus(margin))), gradFunc };
  });
  return op(logits) as tf.Scalar;
}
