import type { PairPlan } from '../engine/records.js';
import * as tf from '../engine/tf.js';

/** What a loss of pairs or tuples is computed from; it works in every space, because distances are all it sees. */
export interface Compared {
  /** [n, m], anchors to references, smaller is nearer: of one space, a product, or a weighted sum over heads. */
  readonly distances: tf.Tensor2D;
  /** [n, m], see PairPlan. */
  readonly plan: PairPlan;
  /** The similarity at distance 0: 1 makes s = 1 - d the cosine of a cosine distance. Default 0, s = -d. */
  readonly zero?: number;
}

/** s = zero - d, for losses that are written in similarities: [n, m]. */
export function similaritiesOf({ distances, zero = 0 }: Compared): tf.Tensor2D {
  return tf.sub(zero, distances) as tf.Tensor2D;
}

/**
 * What a loss adds up, before a reducer makes it one number. The first axis is the anchor's row, so that reducers may
 * weigh anchors; an entry may stand for several tuples of its anchor, whose values it sums.
 */
export interface Terms {
  /** [n], [n, m] or any shape that begins with n: sums of values >= 0, 0 where no tuple exists. */
  readonly values: tf.Tensor;
  /** Same shape: how many tuples each entry stands for; no gradient. */
  readonly counts: tf.Tensor;
  /** Same shape: how many of them have a value above 0; absent where an entry is one tuple at most. No gradient. */
  readonly active?: tf.Tensor;
}

/** Terms under the names of the loss's parts, each reduced on its own and then added: `positive` and `negative`, ... */
export type LossTerms = Readonly<Record<string, Terms>>;
