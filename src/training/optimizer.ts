import type { NamedTensor } from '../core/safetensors.js';
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
