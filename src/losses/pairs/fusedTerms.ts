import type { FusedKernels, RowCall, RowLaw, RowParameter, RowTerms } from '../../engine/fused.js';
import { borrowFloats, floatsOf } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import type { Compared } from '../terms.js';

type Parameters<L extends RowLaw> = Readonly<Record<RowParameter<L>, number>>;

/** Sums over the pairs of each anchor that the fused kernels made. */
export interface FusedTerms<L extends RowLaw> {
  /** [n] each, with gradients to the distances: the first of the terms. */
  readonly values: tf.Tensor1D[];
  /** All terms, on the host. */
  readonly terms: RowTerms<L>;
}

export type ComparedPairs = Pick<Compared, 'distances' | 'plan'>;

/**
 * One op for all terms of a law. Its gradient has a gradient to what is pulled with, as that of a sum of tensors has;
 * the slopes themselves are taken as constants.
 * @param parametersOf those of the slopes, from the pulls [pulls, n]; default: those of the terms
 */
export function fusedTerms<L extends RowLaw>(
  kernels: FusedKernels['rows'],
  law: L,
  compared: ComparedPairs,
  parameters: Parameters<L>,
  parametersOf?: (terms: RowTerms<L>, pulls: Float32Array) => Parameters<L>,
): FusedTerms<L> {
  const terms = kernels.terms(law, borrowCall(compared), parameters);
  const shape = compared.distances.shape;
  const rows: [number, number] = [terms.pulls, shape[0]];
  const slopesOf = (of: ComparedPairs, pulls: Float32Array) => {
    const own = parametersOf?.(terms, pulls) ?? parameters;
    return tf.tensor2d(kernels.slopes(law, borrowCall(of), own, terms, pulls), shape);
  };
  const pulled = (of: ComparedPairs) =>
    tf.customGrad((dy) => ({
      value: slopesOf(of, floatsOf(dy as tf.Tensor)),
      gradFunc: (v: tf.Tensor) =>
        tf.stack(
          Array.from({ length: rows[0] }, (_, k) => {
            const one = new Float32Array(terms.values.length).fill(1, k * rows[1], (k + 1) * rows[1]);
            return tf.sum(tf.mul(v, slopesOf(of, one)), 1);
          }),
        ),
    }));
  const op = tf.customGrad((...args) => {
    const [d, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([d, compared.plan.positives, compared.plan.negatives]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [distances, positives, negatives] = saved as tf.Tensor2D[];
      return pulled({ distances, plan: { positives, negatives } })(dy);
    };
    return { value: tf.tensor2d(terms.values, rows), gradFunc };
  });
  const values = op(compared.distances);
  // tfjs 4.22 has no gradient for a single row.
  const apart = terms.pulls === 1 ? [tf.reshape(values, [-1])] : tf.unstack(values);
  return { values: apart as tf.Tensor1D[], terms };
}

/** The distances and masks of a plan on the host, for a kernel that is called at once. */
export function borrowCall({ distances, plan }: ComparedPairs): RowCall {
  const [anchors, references] = distances.shape;
  return {
    distances: borrowFloats(distances),
    positives: borrowFloats(plan.positives),
    negatives: borrowFloats(plan.negatives),
    anchors,
    references,
  };
}
