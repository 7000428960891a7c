import * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';

/** The value of a function and what its gradient needs of it; nothing in it is on the tape. */
export interface ClosedForm<T extends tf.Tensor> {
  readonly value: T;
  /** Results that `gradients` is given again, with the inputs. */
  readonly kept: readonly tf.Tensor[];
}

/**
 * A function as one op with value and gradient in closed form: a few dozen kernels in the place of hundreds. Where the
 * gradient is itself differentiated, that of `composed` is taken, the same function made of ops that can be
 * differentiated as often as asked: results that are kept have no path on the tape back to the inputs.
 * @param gradients of Σ dy value, to each input
 */
export function closedForm<T extends tf.Tensor, I extends readonly tf.Tensor[]>(
  inputs: I,
  composed: (...inputs: I) => T,
  forward: (...inputs: I) => ClosedForm<T>,
  gradients: (dy: T, inputs: I, kept: readonly tf.Tensor[]) => readonly tf.Tensor[],
): T {
  const op = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const { value, kept } = forward(...(args as unknown as I));
    save([...(args as tf.Tensor[]), ...kept]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const given = saved.slice(0, inputs.length);
      if (isTaped()) return tf.grads((...again) => composed(...(again as unknown as I)))(given, dy);
      return gradients(dy as T, given as unknown as I, saved.slice(inputs.length)) as tf.Tensor[];
    };
    return { value, gradFunc };
  });
  return op(...(inputs as unknown as tf.Tensor[])) as T;
}

/** Whether K is known to be a ball's: then tanh and arsinh are enough, and K needs no gradient. */
export const isBall = (K: Curvature): K is number => typeof K === 'number' && K < 0;

/** Least |K| r² that is divided by: below it the maps here are the identity to float32. */
export const FLOOR = 1e-12;

/** Whether a gradient that is computed now will be differentiated. */
export function isTaped(): boolean {
  return tf.engine().state.gradientDepth > 0;
}

/** 1 where t > 0, else 0; NaN where t is, or 0 on some engines. tf.step is five kernels on TensorFlow. */
export function positive(t: tf.Tensor): tf.Tensor {
  return tf.relu(tf.sign(t));
}

/** t times a number; t itself for 1. */
export function scaled<T extends tf.Tensor>(t: T, factor: number): T {
  return factor === 1 ? t : tf.mul(t, factor);
}

/** The sum of the rows of a gradient where the input was one row for all. */
export function asInput(gradient: tf.Tensor, input: tf.Tensor): tf.Tensor {
  const spread = input.shape[0] === 1 && gradient.shape[0] !== 1;
  return spread ? tf.sum(gradient, 0, true) : gradient;
}
