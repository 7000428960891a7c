import type { FusedKernels, RowCall, RowLaw, RowParameter, RowTerms } from '../../engine/fused.js';
import * as tf from '../../engine/tf.js';
import type { Compared } from '../terms.js';
import { hostFloats } from './hostFloats.js';

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
  const call = fusedCall(compared);
  const terms = kernels.terms(law, call, parameters);
  const shape: [number, number] = [call.anchors, call.references];
  const rows: [number, number] = [terms.pulls, call.anchors];
  const slopesOf = (pulls: Float32Array) => {
    const own = parametersOf?.(terms, pulls) ?? parameters;
    return tf.tensor2d(kernels.slopes(law, call, own, terms, pulls), shape);
  };
  const pulled = tf.customGrad((dy) => ({
    value: slopesOf(hostFloats(dy as tf.Tensor)),
    gradFunc: (v: tf.Tensor) =>
      tf.stack(
        Array.from({ length: rows[0] }, (_, k) => {
          const one = new Float32Array(terms.values.length).fill(1, k * rows[1], (k + 1) * rows[1]);
          return tf.sum(tf.mul(v, slopesOf(one)), 1);
        }),
      ),
  }));
  const op = tf.customGrad(() => ({
    value: tf.tensor2d(terms.values, rows),
    gradFunc: (dy: tf.Tensor) => pulled(dy),
  }));
  const values = op(compared.distances);
  // tfjs 4.22 has no gradient for a single row.
  const apart = terms.pulls === 1 ? [tf.reshape(values, [-1])] : tf.unstack(values);
  return { values: apart as tf.Tensor1D[], terms };
}

/** The distances and masks of a plan on the host. */
export function fusedCall({ distances, plan }: ComparedPairs): RowCall {
  const [anchors, references] = distances.shape;
  return {
    distances: hostFloats(distances),
    positives: hostFloats(plan.positives),
    negatives: hostFloats(plan.negatives),
    anchors,
    references,
  };
}
