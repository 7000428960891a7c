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
  /** Σ counts where the host knows it, so that it need not be added up. */
  readonly total?: number;
  /** Same shape: how many of them have a value above 0; absent where an entry is tuples of one value. No gradient. */
  readonly active?: tf.Tensor;
  /** The same summed over each anchor, where that costs less than the values one by one: see `pairTerms`. */
  readonly perAnchor?: (() => Terms) | undefined;
}

/**
 * Terms of pairs [n, m], whose values are made when they are first read, and until then `perAnchor` in their place. A
 * copy with other values made by spreading has no perAnchor. Call inside tidy, and use the result there.
 */
export function pairTerms(values: () => tf.Tensor, counts: tf.Tensor, perAnchor: () => Terms): Terms {
  const made = whileKept(() => [values()]);
  const terms = {
    get values() {
      return made.get()[0];
    },
    counts,
  };
  const lazy = { get: () => (made.exists() ? undefined : perAnchor) };
  return Object.defineProperty(terms, 'perAnchor', lazy);
}

/** Tensors made on demand, again if they have been disposed of. */
export function whileKept<T extends readonly tf.Tensor[]>(make: () => T) {
  let made: T | undefined;
  const exists = () => made?.every((t) => !t.isDisposed) ?? false;
  return {
    exists,
    get: (): T => {
      if (made === undefined || !exists()) made = make();
      return made;
    },
  };
}

/** Terms under the names of the loss's parts, each reduced on its own and then added: `positive` and `negative`, ... */
export type LossTerms = Readonly<Record<string, Terms>>;
