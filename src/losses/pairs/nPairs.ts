import { requireLength } from '../../core/checks.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import type { Compared, LossTerms } from '../terms.js';
import { anchorOp, identity } from './anchorOp.js';
import { positiveSlots } from './positiveSlots.js';
import { requireSquare } from './ranges.js';
import { rowExponentials } from './rowExponentials.js';

export const N_PAIRS_REDUCER = 'mean';
export const N_PAIRS_DISTANCE = 'cosine';

/**
 * Multi-class N-pair loss: one pair (a_c, p_c) of each class c, its first item and that item's first positive; part
 * `loss`, a value for the first item of each class and none for the others,
 *   log Σ_k exp(d(a_c, p_c) - d(a_c, p_k)),  k over all classes that have a pair
 * A class is known by its positives: an item is its first when none of its positives is earlier. Once differentiable.
 * @param compared distances [n, n] of a batch to itself in any space, 1 - cos by default; -x·y is the paper's
 * @throws ShapeError unless the distances are square
 * @source Sohn 2016, "Improved deep metric learning with multi-class N-pair loss objective", eq. 7, without its
 *   regulariser of the lengths
 */
export function nPairsLoss(compared: Compared): LossTerms {
  requireSquare(compared, 'nPairsLoss');
  const n = compared.distances.shape[0];
  const { anchors, partners, present } = firstPairs(compared.plan);
  const at = tf.reshape(tf.add(tf.mul(tf.expandDims(anchors, 1), tf.scalar(n, 'int32')), partners), [-1, 1]);
  const rows = tf.expandDims(anchors, 1);
  const [values] = anchorOp([compared.distances], ([d], save) => {
    const k = anchors.size;
    const between = tf.reshape(tf.gather(tf.reshape(d, [-1]), tf.reshape(at, [-1]) as tf.Tensor1D), [k, k]);
    const own = identity(k);
    const { exponentials, sums, logSums } = rowExponentials(tf.neg(between), tf.expandDims(present, 0));
    const column = tf.expandDims(present, 1);
    const ofPairs = tf.mul(tf.add(logSums, tf.sum(tf.mul(own, between), 1, true)), column);
    save([tf.mul(tf.sub(own, tf.div(exponentials, sums)), column), anchors, at]);
    return {
      rows: [tf.scatterND(rows, tf.reshape(ofPairs, [k]), [n])],
      gradient: (dy, [slopes, sAnchors, sAt]) => {
        const ofAnchors = tf.gather(dy, sAnchors as tf.Tensor1D);
        const flat = tf.scatterND(sAt, tf.reshape(tf.mul(slopes, ofAnchors), [k * k]), [n * n]);
        return tf.reshape(flat, [n, n]);
      },
    };
  });
  return { loss: { values, counts: tf.scatterND(rows, present, [n]) } };
}

/**
 * The same of pairs that are known, compared with each other alone.
 * @param distances [k, k], of the anchors to the partners: pair c is row c and column c
 * @param anchors [k], the rows of the batch that the anchors are, each once @param items of the batch
 * @throws ShapeError unless the distances are square
 */
export function nPairsOf(distances: tf.Tensor2D, anchors: Int32Array, items: number): LossTerms {
  requireSquare({ distances }, 'nPairsOf');
  const k = distances.shape[0];
  requireLength(anchors.length, k, 'nPairsOf anchors');
  const [values] = anchorOp([distances], ([d], save) => {
    const own = identity(k);
    const logits = tf.neg(d);
    const largest = tf.max(logits, 1, true);
    const exponentials = tf.exp(tf.sub(logits, largest));
    const sums = tf.sum(exponentials, 1, true);
    const ofPairs = tf.add(tf.add(tf.log(sums), largest), tf.sum(tf.mul(own, d), 1, true));
    save([tf.sub(own, tf.div(exponentials, sums))]);
    return {
      rows: [tf.scatterND(tf.tensor2d(anchors, [k, 1], 'int32'), tf.reshape(ofPairs, [k]), [items])],
      gradient: (dy, [slopes]) => tf.mul(slopes, tf.gather(dy, tf.tensor1d(anchors, 'int32'))),
    };
  });
  const counts = new Float32Array(items);
  for (const row of anchors) counts[row] = 1;
  return { loss: { values, counts: tf.tensor1d(counts), total: k } };
}

interface FirstPairs {
  /** [k], int32: the first item of each class, for at least as many classes as have a pair. */
  readonly anchors: tf.Tensor1D;
  /** [k], int32 */
  readonly partners: tf.Tensor1D;
  /** [k]: 1 where there is such a class, else 0 */
  readonly present: tf.Tensor1D;
}

/** Of a class of two items or more; found by rows alone, which engines go through much faster than columns. */
function firstPairs({ positives }: PairPlan): FirstPairs {
  const n = positives.shape[0];
  const firstPositive = tf.cast(tf.argMax(positives, 1), 'int32');
  const isFirst = tf.greaterEqual(firstPositive, tf.range(0, n, 1, 'int32'));
  const first = tf.reshape(tf.mul(tf.cast(isFirst, 'float32'), tf.max(positives, 1)), [1, n]) as tf.Tensor2D;
  const { columns, present } = positiveSlots(first);
  const anchors = tf.reshape(columns, [-1]) as tf.Tensor1D;
  return {
    anchors,
    partners: tf.gather(firstPositive, anchors) as tf.Tensor1D,
    present: tf.reshape(present, [-1]) as tf.Tensor1D,
  };
}
