import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { positiveSoftplus } from '../pairs/positiveSoftplus.js';

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
  return tf.tidy(() => {
    const { values, counts } = positiveSoftplus({ distances: logits, plan }, 1);
    return tf.mul(tf.sum(values), tf.div(1, tf.maximum(tf.sum(counts), 1))) as tf.Scalar;
  });
}
