import { DomainError, expectation } from '../core/errors.js';
import type { NamedTensor } from '../core/safetensors.js';
import type { FlatParameters } from '../engine/parameters.js';
import type * as tf from '../engine/tf.js';
import type { Assignment } from './assignment.js';

/** Moves the flat parameters that it was made for. */
export interface Optimizer {
  /** Which array is moved in which geometry. */
  readonly assignment: Assignment;
  /** Moves the parameters against the Euclidean `gradient` [size], which stays the caller's. */
  apply(gradient: tf.Tensor1D, learningRate: number): void;
  /** Everything but the parameters that decides the next steps. */
  read(): Promise<NamedTensor[]>;
  /** @throws FormatError unless the arrays have this optimiser's size; nothing is changed then */
  write(tensors: readonly NamedTensor[]): void;
  dispose(): void;
}

/**
 * Reads the gradient, which waits for the device: for the step whose loss is not finite, not for each.
 * @throws DomainError naming the first array with a value that is not finite
 */
export async function requireFiniteGradient({ specs }: FlatParameters, gradient: tf.Tensor1D): Promise<void> {
  const values = await gradient.data();
  let from = 0;
  for (const { name, shape } of specs) {
    const to = from + shape.reduce((a, b) => a * b, 1);
    const wrong = values.subarray(from, to).find((value) => !Number.isFinite(value));
    if (wrong !== undefined) {
      const remedy = 'lower training.learningRate or training.clipNorm';
      throw new DomainError(expectation(`gradient of ${name}`, 'finite numbers', wrong, remedy));
    }
    from = to;
  }
}
