import { fused } from '../../engine/fused.js';
import * as tf from '../../engine/tf.js';
import { type ComparedPairs, fusedTerms } from './fusedTerms.js';
import { type RowExponentials, rowExponentials } from './rowExponentials.js';

/** Factors of the distances in the exponents. */
export interface LogSumFactors {
  readonly positive: number;
  readonly negative: number;
}

/** [n] each; a pair that the plan has twice counts twice. */
export interface RowLogSums {
  /** log Σ_p exp(positive d), about -1e9 without positives. */
  readonly positive: tf.Tensor1D;
  /** log Σ_n exp(negative d), about -1e9 without negatives. */
  readonly negative: tf.Tensor1D;
  /** Σ_p d */
  readonly distances: tf.Tensor1D;
  /** How many; no gradient. */
  readonly positives: tf.Tensor1D;
  readonly negatives: tf.Tensor1D;
}

/** Logarithms of sums of exponentials over each anchor's positives and negatives. Once differentiable. */
export function rowLogSums(compared: ComparedPairs, factors: LogSumFactors): RowLogSums {
  const kernels = fused('rows');
  if (!kernels) return ofTensors(compared, factors);
  const parameters = { near: factors.positive, far: factors.negative };
  const { values, terms } = fusedTerms(kernels, 'logSums', compared, parameters);
  const [positive, negative, distances] = values;
  const counts = { positives: tf.tensor1d(terms.of.positives), negatives: tf.tensor1d(terms.of.negatives) };
  return { positive, negative, distances, ...counts };
}

function ofTensors({ distances, plan }: ComparedPairs, factors: LogSumFactors): RowLogSums {
  const [positives, negatives] = [tf.sum(plan.positives, 1, true), tf.sum(plan.negatives, 1, true)];
  const op = tf.customGrad((...args) => {
    const [d, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const near = rowExponentials(tf.mul(d, factors.positive), plan.positives);
    const far = rowExponentials(tf.mul(d, factors.negative), plan.negatives);
    // Of a row that keeps nothing, the exponentials have no meaning.
    const shares = ({ exponentials, sums }: RowExponentials, counts: tf.Tensor, factor: number) =>
      tf.mul(exponentials, tf.div(tf.mul(tf.minimum(counts, 1), factor), sums));
    const toNear = shares(near, positives, factors.positive);
    const toFar = shares(far, negatives, factors.negative);
    save([toNear, toFar, tf.clone(plan.positives)]);
    const sum = tf.sum(tf.mul(d, plan.positives), 1, true);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const pulls = tf.split(dy, 3, 1);
      return tf.addN(saved.map((slope, k) => tf.mul(slope, pulls[k])));
    };
    return { value: tf.concat([near.logSums, far.logSums, sum], 1), gradFunc };
  });
  const [positive, negative, sum] = tf.unstack(op(distances), 1) as tf.Tensor1D[];
  const row = (t: tf.Tensor) => tf.reshape(t, [-1]) as tf.Tensor1D;
  return { positive, negative, distances: sum, positives: row(positives), negatives: row(negatives) };
}
