import { fused } from '../../engine/fused.js';
import * as tf from '../../engine/tf.js';
import type { Terms } from '../terms.js';
import { above, anchorOp } from './anchorOp.js';
import { type ComparedPairs, fusedTerms } from './fusedTerms.js';
import { rowExponentials } from './rowExponentials.js';

/**
 * Σ_p log(1 + Σ_n exp(factor (d_n - d_p))), the cross-entropy of each positive against the anchor's negatives: [n], a
 * tuple a positive. 0 without negatives. Once differentiable.
 */
export function positiveSoftplus(compared: ComparedPairs, factor: number): Terms {
  const kernels = fused('rows');
  if (!kernels) return ofTensors(compared, factor);
  const { values, terms } = fusedTerms(kernels, 'softplus', compared, { factor });
  const [active, counts] = [terms.of.active, terms.of.positives].map((row) => tf.tensor1d(row));
  return { values: values[0], active, counts };
}

function ofTensors({ distances, plan }: ComparedPairs, factor: number): Terms {
  const { positives, negatives } = plan;
  const [values, active] = anchorOp([distances], ([d], save) => {
    const logits = tf.mul(d, factor);
    const { exponentials, sums, logSums } = rowExponentials(logits, negatives);
    const margins = tf.sub(logSums, logits);
    const ofPairs = tf.softplus(margins);
    const pull = tf.mul(tf.sigmoid(margins), positives);
    const push = tf.div(tf.sum(pull, 1, true), sums);
    save([tf.sub(tf.mul(exponentials, push), pull)]);
    return {
      rows: [tf.sum(tf.mul(ofPairs, positives), 1), tf.sum(tf.mul(above(ofPairs, 0), positives), 1)],
      gradient: (dy, [slopes]) => tf.mul(slopes, tf.mul(dy, factor)),
    };
  });
  return { values, active, counts: tf.sum(positives, 1) };
}
