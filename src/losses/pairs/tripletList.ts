import * as tf from '../../engine/tf.js';
import type { Terms } from '../terms.js';
import { above, anchorOp } from './anchorOp.js';
import type { TripletShape } from './tripletBlocks.js';
import { cellsOf, requireTriplets, type Triplets } from './triplets.js';

/** Sums over the given triplets of each anchor; a triplet that is given twice counts twice. */
export function listedTriplets(distances: tf.Tensor2D, triplets: Triplets, shape: TripletShape): Terms {
  const [n, m] = distances.shape;
  requireTriplets(triplets, n, m);
  const { anchors, positives, negatives } = triplets;
  const cells = (rows: Int32Array, columns: Int32Array) => tf.tensor1d(cellsOf(rows, columns, m), 'int32');
  if (anchors.length === 0) return noTriplets(distances);
  const a = tf.tensor1d(anchors, 'int32');
  const [ap, an] = [cells(anchors, positives), cells(anchors, negatives)];
  const pn = shape.swap ? cells(positives, negatives) : an;
  const perAnchor = (t: tf.Tensor) => tf.scatterND(column(a), t, [n]) as tf.Tensor1D;
  const [values, active] = anchorOp([distances], ([d], save) => {
    const flat = tf.reshape(d, [-1]);
    const [near, own, other] = [ap, an, pn].map((at) => tf.gather(flat, at));
    const violation = tf.add(tf.sub(near, tf.minimum(own, other)), shape.margin);
    const slope = shape.smooth ? tf.sigmoid(violation) : above(violation, 0);
    const value = shape.smooth ? tf.softplus(violation) : tf.relu(violation);
    const nearer = tf.mul(slope, tf.cast(tf.greaterEqual(other, own), 'float32'));
    const to = column(tf.concat([ap, an, pn]) as tf.Tensor1D);
    save([slope, nearer, tf.clone(a), to]);
    const gradient = (dy: tf.Tensor2D, saved: tf.Tensor[]) => {
      const [sSlope, sNearer, sAnchors, sTo] = saved;
      const weight = tf.gather(tf.reshape(dy, [-1]), sAnchors as tf.Tensor1D);
      const parts = [sSlope, tf.neg(sNearer), tf.sub(sNearer, sSlope)].map((t) => tf.mul(t, weight));
      return tf.reshape(tf.scatterND(sTo, tf.concat(parts), [n * m]), [n, m]);
    };
    return { rows: [perAnchor(value), perAnchor(above(value, 0))], gradient };
  });
  return { values, counts: perAnchor(tf.fill([anchors.length], 1)), active };
}

const column = (t: tf.Tensor1D) => tf.reshape(t, [-1, 1]);

function noTriplets(distances: tf.Tensor2D): Terms {
  const none = tf.zeros([distances.shape[0]]);
  return { values: tf.mul(tf.sum(distances, 1), 0), counts: none, active: none };
}
