import { requireLength } from '../../core/checks.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import type { Metric } from '../../manifolds/manifold.js';
import {
  detached,
  type MemoryEntries,
  type MemoryItems,
  type MemoryQueue,
} from '../../sampling/memory/memoryQueue.js';
import type { Compared, LossTerms } from '../terms.js';
import type { PairLoss } from './multipleLosses.js';

/** A batch of anchors and, where it is not the anchors themselves, what else it brings to be compared with. */
export interface MemoryBatch extends MemoryItems {
  /**
   * [n, columns]: a second view of the same items, or the keys of a momentum encoder. An anchor's own reference is a
   * positive of it then; without references an anchor is no pair with itself. These go into the queue.
   */
  readonly references?: tf.Tensor2D;
}

export interface CrossBatchOptions {
  /**
   * 'both', the default: a pair within the batch moves both of its items. 'anchors': the anchor alone, as where the batch
   * is compared with a memory that it has been copied into.
   */
  readonly gradient?: 'both' | 'anchors';
  /** As in Compared. */
  readonly zero?: number;
}

/**
 * A loss of the batch against itself and the entries of the queue, [n, n + entries]; then the batch is enqueued. Any loss
 * of pairs will do. Entries of an item that the batch has anew, known by its id, are no pairs. Call inside tidy, once a step.
 * @param metric of the queue's columns
 * @throws as MemoryQueue.enqueue and metric.pairwise
 * @source Wang et al. 2020, arXiv:1912.06798
 */
export function crossBatchMemory(
  loss: PairLoss,
  metric: Metric,
  queue: MemoryQueue,
  batch: MemoryBatch,
  options: CrossBatchOptions = {},
): LossTerms {
  const terms = loss(comparedWithMemory(metric, queue, batch, options));
  const { references = batch.embeddings, ...items } = batch;
  queue.enqueue({ ...items, embeddings: references });
  return terms;
}

/** What the loss of `crossBatchMemory` is given; the queue stays as it is. Call inside tidy. */
export function comparedWithMemory(
  metric: Metric,
  queue: MemoryQueue,
  batch: MemoryBatch,
  { gradient = 'both', zero = 0 }: CrossBatchOptions = {},
): Compared {
  const { embeddings, references } = batch;
  if (references) requireLength(references.shape[0], embeddings.shape[0], 'crossBatchMemory references');
  const entries = queue.entries();
  const own = references ?? embeddings;
  const ofBatch = gradient === 'both' ? own : detached(own);
  const columns = entries ? tf.concat([ofBatch, entries.embeddings]) : ofBatch;
  const same = references ? 'none' : 'diagonal';
  return { distances: metric.pairwise(embeddings, columns, { same }), plan: planOf(batch, entries), zero };
}

/** Masks [n, n + entries]. */
function planOf({ labels, ids, references }: MemoryBatch, entries: MemoryEntries | undefined): PairPlan {
  const n = labels.size;
  const labelled = equal(labels, entries ? tf.concat([labels, entries.labels]) : labels);
  const index = tf.range(0, n, 1, 'int32') as tf.Tensor1D;
  const within = references ? (tf.zeros([n, n]) as tf.Tensor2D) : equal(index, index);
  const excluded = entries ? tf.concat([within, outdated(ids, entries.ids, n)], 1) : within;
  const pairs = tf.sub(1, excluded);
  return {
    positives: tf.mul(labelled, pairs) as tf.Tensor2D,
    negatives: tf.mul(tf.sub(1, labelled), pairs) as tf.Tensor2D,
  };
}

/** [n, entries]: columns of 1 where the batch has the item of the entry. One without id has -1, which no item has. */
function outdated(ids: tf.Tensor1D | undefined, ofEntries: tf.Tensor1D, n: number): tf.Tensor2D {
  const shape: [number, number] = [n, ofEntries.size];
  return ids ? tf.broadcastTo(tf.max(equal(ids, ofEntries), 0, true), shape) : tf.zeros(shape);
}

/** [n], [m] -> 1 where equal, else 0: [n, m]. */
function equal(a: tf.Tensor1D, b: tf.Tensor1D): tf.Tensor2D {
  return tf.cast(tf.equal(tf.expandDims(a, 1), tf.expandDims(b, 0)), 'float32') as tf.Tensor2D;
}
