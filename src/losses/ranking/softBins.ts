import * as tf from '../../engine/tf.js';

/** Each value shared between the two nearest of bins + 1 equally spaced nodes, in proportion to its nearness. */
export interface SoftBins {
  /** Number of intervals: nodes are 0 to bins. */
  readonly bins: number;
  /** [n, m]: the value, in widths of a bin from node 0; at the nearer end where it is beyond the nodes. */
  readonly within: tf.Tensor;
  /** [n, m], int32: the lower node, 0..bins - 1. */
  readonly lower: tf.Tensor;
  /** [n, m]: share of the upper node. */
  readonly upperShare: tf.Tensor;
  /** [n, m]: 1 between the nodes, 0 beyond them, where there is no gradient. */
  readonly inside: tf.Tensor;
}

/** Call inside tidy, off the tape. @param u [n, m], in widths of a bin from node 0 */
export function softBins(u: tf.Tensor, bins: number): SoftBins {
  const within = tf.minimum(tf.maximum(u, 0), bins);
  // Bounded again as an integer: NaN, which the caller lets through by the values, may become any integer.
  const floor = tf.cast(tf.floor(within), 'int32');
  const lower = tf.minimum(tf.maximum(floor, tf.scalar(0, 'int32')), tf.scalar(bins - 1, 'int32'));
  const upperShare = tf.sub(within, tf.cast(lower, 'float32'));
  return { bins, within, lower, upperShare, inside: tf.cast(tf.equal(u, within), 'float32') };
}

/** Histograms of the rows: [n, bins + 1]. @param weights [n, m] */
export function rowHistograms({ bins, lower, upperShare }: SoftBins, weights: tf.Tensor): tf.Tensor2D {
  const [n, m] = weights.shape as [number, number];
  const width = bins + 1;
  const starts = tf.reshape(tf.range(0, n * width, width, 'int32'), [n, 1]);
  const at = tf.reshape(tf.add(lower, starts), [n * m]) as tf.Tensor1D;
  const upper = tf.mul(weights, upperShare);
  const ofLower = sumsAt(at, tf.sub(weights, upper), n * width);
  const ofUpper = sumsAt(tf.add(at, tf.scalar(1, 'int32')), upper, n * width);
  return tf.reshape(tf.add(ofLower, ofUpper), [n, width]);
}

/** [size]: the amounts added up at their places. */
function sumsAt(places: tf.Tensor1D, amounts: tf.Tensor, size: number): tf.Tensor {
  const flat = tf.reshape(amounts, [-1]) as tf.Tensor1D;
  // Several times as fast, but on WASM it makes a one-hot matrix of all places.
  if (tf.getBackend() === 'tensorflow') return tf.unsortedSegmentSum(flat, places, size);
  return tf.scatterND(tf.expandDims(places, 1), flat, [size]);
}

/** Slopes between neighbouring nodes, of a table [r, bins + 1]: [r, bins]. */
export function nodeSlopes(table: tf.Tensor): tf.Tensor2D {
  const [rows, nodes] = table.shape as [number, number];
  const part = (from: number) => tf.slice(table, [0, from], [rows, nodes - 1]);
  return tf.sub(part(1), part(0));
}
