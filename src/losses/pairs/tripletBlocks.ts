import * as tf from '../../engine/tf.js';
import type { Compared, Terms } from '../terms.js';
import { above, anchorOp } from './anchorOp.js';
import { type AnchorPairs, cellsOf, pairsOfMask } from './triplets.js';

export interface TripletShape {
  readonly margin: number;
  /** The negative counts as near as it is to the anchor or to the positive, whichever is less. */
  readonly swap: boolean;
  /** log(1 + exp v) in place of max(0, v). */
  readonly smooth: boolean;
}

/** Values of one block of triplets. */
const BLOCK = 2 ** 22;
/** Added to what is no negative: max(0, v) and log(1 + exp v) are 0 there. */
const EXCLUDED = 1e9;

/**
 * Sums over all triplets of each anchor, a block of positive pairs against all columns at a time, values and gradients
 * in one pass; memory O(n m). With `swap` the gradient also reaches the rows of the positives, so that it depends on the
 * weights of other anchors, and is made in the backward pass.
 */
export function blockTriplets({ distances, plan }: Compared, shape: TripletShape): Terms {
  const pairs = pairsOfMask(plan.positives);
  const counts = tf.mul(tf.sum(plan.positives, 1), tf.sum(plan.negatives, 1));
  const [values, active] = anchorOp([distances], ([d], save) => {
    const excluded = tf.mul(tf.sub(1, plan.negatives), EXCLUDED) as tf.Tensor2D;
    const table = { distances: d as tf.Tensor2D, excluded };
    const { sums, above, slope } = walk(table, pairs, shape);
    save(shape.swap ? [table.distances, excluded] : [slope]);
    const gradient = (dy: tf.Tensor2D, saved: tf.Tensor[]) => {
      if (!shape.swap) return tf.mul(saved[0], dy);
      const [again, out] = saved as tf.Tensor2D[];
      return walk({ distances: again, excluded: out }, pairs, shape, dy).slope;
    };
    return { rows: [sums, shape.smooth ? counts : above], gradient };
  });
  return { values, counts, active };
}

interface Table {
  readonly distances: tf.Tensor2D;
  /** [n, m]: 0 at negatives, else EXCLUDED. */
  readonly excluded: tf.Tensor2D;
}

interface Sums {
  /** [n] */
  readonly sums: tf.Tensor1D;
  /** [n]: how many are above 0, for max(0, v). */
  readonly above: tf.Tensor1D;
  /** [n, m]: gradient of Σ weights sums. */
  readonly slope: tf.Tensor2D;
}

/** @param weights [n, 1], default 1 */
function walk(table: Table, pairs: AnchorPairs, shape: TripletShape, weights?: tf.Tensor2D): Sums {
  const [n, m] = table.distances.shape;
  const size = Math.max(1, Math.floor(BLOCK / Math.max(m, 1)));
  let total: Sums = {
    // What is NaN anywhere in a row makes the row's sum NaN.
    sums: tf.mul(tf.sum(table.distances, 1), 0),
    above: tf.zeros([n]),
    slope: tf.fill([n, m], 0),
  };
  for (let from = 0; from < pairs.anchors.length; from += size) {
    const before = total;
    total = tf.scope(() => {
      const anchors = pairs.anchors.subarray(from, from + size);
      const positives = pairs.positives.subarray(from, from + size);
      const part = block(table, { anchors, positives }, shape, weights);
      return {
        sums: tf.add(before.sums, part.sums),
        above: tf.add(before.above, part.above),
        slope: tf.add(before.slope, part.slope),
      } as Sums;
    });
    tf.dispose([before.sums, before.above, before.slope]);
  }
  return total;
}

function block(table: Table, pairs: AnchorPairs, shape: TripletShape, weights?: tf.Tensor2D): Sums {
  const { distances } = table;
  const [n, m] = distances.shape;
  const count = pairs.anchors.length;
  const [a, p] = [tf.tensor1d(pairs.anchors, 'int32'), tf.tensor1d(pairs.positives, 'int32')];
  const cells = tf.tensor1d(cellsOf(pairs.anchors, pairs.positives, m), 'int32');
  const reach = tf.add(tf.gather(tf.reshape(distances, [-1]), cells), shape.margin);
  const own = tf.gather(distances, a);
  const other = shape.swap ? tf.gather(distances, p) : own;
  const far = tf.add(shape.swap ? tf.minimum(own, other) : own, tf.gather(table.excluded, a));
  const violation = tf.sub(tf.reshape(reach, [count, 1]), far);
  const values = tf.sum(shape.smooth ? tf.softplus(violation) : tf.relu(violation), 1);
  const plain = shape.smooth ? tf.sigmoid(violation) : above(violation, 0);
  const slope = weights ? tf.mul(plain, tf.gather(weights, a)) : plain;
  const onPositives = tf.sum(slope, 1);
  const rows = (at: tf.Tensor1D, t: tf.Tensor) =>
    tf.scatterND(tf.reshape(at, [count, 1]), t, [n, ...t.shape.slice(1)]);
  const onCells = tf.reshape(tf.scatterND(tf.reshape(cells, [count, 1]), onPositives, [n * m]), [n, m]);
  return {
    sums: rows(a, values) as tf.Tensor1D,
    above: rows(a, onPositives) as tf.Tensor1D,
    slope: tf.sub(onCells, shape.swap ? swapped(rows, { a, p, own, other, slope }) : rows(a, slope)),
  };
}

interface Swapped {
  readonly a: tf.Tensor1D;
  readonly p: tf.Tensor1D;
  readonly own: tf.Tensor;
  readonly other: tf.Tensor;
  readonly slope: tf.Tensor;
}

function swapped(
  rows: (at: tf.Tensor1D, t: tf.Tensor) => tf.Tensor,
  { a, p, own, other, slope }: Swapped,
): tf.Tensor {
  const nearer = tf.mul(slope, tf.cast(tf.greaterEqual(other, own), 'float32'));
  return tf.add(rows(a, nearer), rows(p, tf.sub(slope, nearer)));
}
