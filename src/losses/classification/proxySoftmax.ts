import { requirePositive } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import type { LossTerms } from '../terms.js';
import type { ClassLabels } from './classes.js';
import type { Classified, ClassifiedDistances } from './similarities.js';
import { softmaxTerms } from './softmaxTerms.js';

export interface NormalizedSoftmaxOptions {
  /** What similarities are divided by, > 0. */
  readonly temperature?: number;
}
export const NORMALIZED_SOFTMAX_DEFAULTS = { temperature: 0.05 } as const;
export const NORMALIZED_SOFTMAX_REDUCER = 'mean';

/**
 * Softmax over similarity / temperature, cosines or -distances to the class points: value [n], nats.
 * @throws ShapeError for shapes that do not belong together, DomainError for labels or options out of range
 * @source Zhai and Wu 2019, arXiv:1811.12649
 */
export function normalizedSoftmax(input: Classified, options: NormalizedSoftmaxOptions = {}): LossTerms {
  const { temperature } = { ...NORMALIZED_SOFTMAX_DEFAULTS, ...options };
  requirePositive(temperature, 'normalizedSoftmax temperature');
  return softmaxTerms(input, 1 / temperature, 'normalizedSoftmax');
}

export interface ProxyNcaOptions {
  /** Factor of the distances, > 0. */
  readonly softmaxScale?: number;
}
export const PROXY_NCA_DEFAULTS = { softmaxScale: 1 } as const;
export const PROXY_NCA_REDUCER = 'mean';

/**
 * -log of the softmax probability of the own proxy, over -softmaxScale x squared distance: value [n], nats. Embeddings
 * and proxies are compared by |x - p|² between unit vectors; distances that are given are used as they are, so pass
 * squared ones for the published loss. The own proxy is one of the denominator.
 * @throws ShapeError for shapes that do not belong together, DomainError for labels or options out of range
 * @source Movshovitz-Attias et al. 2017, arXiv:1703.07464; with the own proxy, Teh et al. 2020, arXiv:2004.01113
 */
export function proxyNca(input: Classified, options: ProxyNcaOptions = {}): LossTerms {
  const { softmaxScale } = { ...PROXY_NCA_DEFAULTS, ...options };
  requirePositive(softmaxScale, 'proxyNca softmaxScale');
  // |x - p|² = 2 - 2 cos: the 2 that all logits share changes no softmax.
  const factor = 'embeddings' in input ? 2 * softmaxScale : softmaxScale;
  return softmaxTerms(input, factor, 'proxyNca');
}

export interface InstanceOptions {
  /** Factor of the similarities, > 0. */
  readonly gamma?: number;
}
export const INSTANCE_DEFAULTS = { gamma: 64 } as const;
export const INSTANCE_REDUCER = 'mean';

/** A batch whose own items take the place of class vectors. */
export interface LabelledItems {
  /** [n, d], any norms. */
  readonly embeddings: tf.Tensor2D;
  /** [n], int32, any numbers. */
  readonly labels: ClassLabels;
}

/**
 * Softmax over gamma x similarity to the items of the batch: value [n], nats. With embeddings the target of an item is
 * row r of the batch, r the rank of its label among the labels that occur: the item itself where labels are 0..n-1.
 * With distances, [n, m], the labels are the target columns.
 * @throws ShapeError for shapes that do not belong together, DomainError for target columns or options out of range
 * @source Zheng et al. 2020, arXiv:1711.05535, with a batch in place of the learned classes
 */
export function instance(
  input: LabelledItems | ClassifiedDistances,
  options: InstanceOptions = {},
): LossTerms {
  const { gamma } = { ...INSTANCE_DEFAULTS, ...options };
  requirePositive(gamma, 'instance gamma');
  const classified: Classified =
    'embeddings' in input
      ? { embeddings: input.embeddings, classVectors: input.embeddings, labels: ranksOf(input.labels) }
      : input;
  return softmaxTerms(classified, gamma, 'instance');
}

/** How many different labels are smaller, for each: 0 for the smallest. */
function ranksOf(labels: ClassLabels): ClassLabels {
  if (labels instanceof Int32Array) {
    const ranks = new Map([...new Set(labels)].sort((a, b) => a - b).map((label, rank) => [label, rank]));
    return labels.map((label) => ranks.get(label)!);
  }
  if (labels.rank !== 1 || labels.dtype !== 'int32') {
    const got = `${labels.dtype} of shape ${labels.shape.join('x')}`;
    throw new ShapeError(expectation('instance labels', '[n], int32', got, 'pass one for each item'));
  }
  const [column, row] = [tf.reshape(labels, [-1, 1]), tf.reshape(labels, [1, -1])];
  const same = tf.sum(tf.cast(tf.equal(column, row), 'float32'), 1);
  const smaller = tf.sub(1, tf.cast(tf.greaterEqual(row, column), 'float32'));
  // Each label of the c that are equal counts 1 / c; the half keeps rounding from cutting off a whole number.
  const ranks = tf.add(tf.sum(tf.mul(smaller, tf.reciprocal(same)), 1), 0.5);
  return tf.cast(ranks, 'int32') as tf.Tensor1D;
}
