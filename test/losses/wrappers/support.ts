import * as tf from '../../../src/engine/tf.js';
import { anchorValues, softmaxOfAnchors } from '../../../src/losses/contrastive/anchorValues.js';
import type { PairLoss } from '../../../src/losses/wrappers/multipleLosses.js';

/** Cross-entropy of each positive against the anchor's negatives, as a loss of pairs. */
export const softmaxLoss =
  (temperature: number): PairLoss =>
  ({ distances, plan }) => {
    const logits = tf.mul(distances, -1 / temperature) as tf.Tensor2D;
    const values = anchorValues(logits, (s) => softmaxOfAnchors(s, plan));
    return { positives: { values, counts: tf.sum(plan.positives, 1) } };
  };

export const labelsOf = (labels: readonly number[]): tf.Tensor1D => tf.tensor1d([...labels], 'int32');
