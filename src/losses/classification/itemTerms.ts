import * as tf from '../../engine/tf.js';
import type { LossTerms } from '../terms.js';
import type { Classified } from './similarities.js';

/** The terms of a loss with one value an item, [n], computed where there are items. Call inside tidy. */
export function itemTerms(input: Classified, values: () => tf.Tensor1D): LossTerms {
  const [n] = 'embeddings' in input ? input.embeddings.shape : input.distances.shape;
  return { loss: { values: n > 0 ? values() : zerosFrom(input, [0]), counts: tf.fill([n], 1), total: n } };
}

/**
 * Zeros with the gradient 0 to the input: the values of a batch without items. Not every engine gives 0 for a sum or a
 * product over nothing.
 */
export function zerosFrom(input: Classified, shape: number[]): tf.Tensor {
  const inputs = 'embeddings' in input ? [input.embeddings, input.classVectors] : [input.distances];
  const op = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    save(args as tf.Tensor[]);
    const gradFunc = (_: tf.Tensor, saved: tf.Tensor[]) => saved.map((t) => tf.fill(t.shape, 0));
    return { value: tf.fill(shape, 0), gradFunc };
  });
  return op(...inputs);
}
