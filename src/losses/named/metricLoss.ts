import type { ParameterSpec } from '../../engine/parameters.js';
import type * as tf from '../../engine/tf.js';
import type { Tuples } from '../../sampling/miners/tuples.js';
import type { BatchRelation } from '../../sampling/relation.js';
import type { LossTerms } from '../terms.js';

/** What a loss is evaluated on. */
export interface LossBatch {
  /** [n, columns] of the loss's space; where it has none of its own, any coordinates. */
  readonly embeddings: tf.Tensor2D;
  /** [m, columns] to compare with; absent: the embeddings themselves. The relation must be of the same rows. */
  readonly references?: tf.Tensor2D;
  readonly relation: BatchRelation;
  /** What a miner chose; absent: all pairs or triplets of the relation. A pair chosen twice counts twice. */
  readonly tuples?: Tuples;
}

/** A loss with its distance, options and reducer settled. */
export interface MetricLoss {
  readonly name: string;
  /** Trainable arrays of the loss itself, for FlatParameters: class vectors, proxies, boundaries. Often none. */
  readonly parameters: readonly ParameterSpec[];
  /** What is added up, part by part. Call inside tidy. */
  terms(batch: LossBatch, parameters?: ReadonlyMap<string, tf.Tensor>): LossTerms;
  /** The scalar to minimise; 0 with gradient 0 for a batch without pairs that count. Call inside tidy. */
  evaluate(batch: LossBatch, parameters?: ReadonlyMap<string, tf.Tensor>): tf.Scalar;
  /** Frees what the loss remembers of earlier batches, if anything. */
  dispose(): void;
}
