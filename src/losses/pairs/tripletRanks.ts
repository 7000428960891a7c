import * as tf from '../../engine/tf.js';
import type { Compared, Terms } from '../terms.js';
import { anchorOp } from './anchorOp.js';

/**
 * Σ max(0, d_ap - d_an + margin) over all triplets of each anchor without visiting them: with the anchor's positives in
 * order, each negative finds by bisection how many of them it violates, and the gradients are these counts. O(n m log p)
 * steps on the host in float64, O(n m) memory.
 */
export function rankedTriplets({ distances, plan }: Compared, margin: number): Terms {
  const [n, m] = distances.shape;
  const [near, far] = [plan.positives.dataSync(), plan.negatives.dataSync()];
  const [values, active] = anchorOp([distances], ([d], save) => {
    const all = d.dataSync() as Float32Array;
    const slope = new Float32Array(n * m);
    const [sums, counts] = [new Float32Array(n), new Float32Array(n)];
    for (let i = 0; i < n; i++) {
      const row = (t: ArrayLike<number> & { subarray(from: number, to: number): ArrayLike<number> }) =>
        t.subarray(i * m, (i + 1) * m);
      const result = anchorSum(
        { distances: row(all), positives: row(near), negatives: row(far) },
        margin,
        slope.subarray(i * m, (i + 1) * m),
      );
      sums[i] = result.sum;
      counts[i] = result.active;
    }
    save([tf.tensor2d(slope, [n, m])]);
    return {
      rows: [tf.tensor1d(sums), tf.tensor1d(counts)],
      gradient: (dy, [s]) => tf.mul(s, dy),
    };
  });
  const counts = tf.mul(tf.sum(plan.positives, 1), tf.sum(plan.negatives, 1));
  return { values, counts, active };
}

interface Row {
  readonly distances: ArrayLike<number>;
  readonly positives: ArrayLike<number>;
  readonly negatives: ArrayLike<number>;
}

/** One anchor: the sum, how many triplets are above 0, and the gradient written to `slope`. */
function anchorSum(
  { distances, positives, negatives }: Row,
  margin: number,
  slope: Float32Array,
): { sum: number; active: number } {
  const columns: number[] = [];
  for (let j = 0; j < distances.length; j++) if (positives[j] > 0) columns.push(j);
  columns.sort((a, b) => distances[a] - distances[b]);
  const reach = Float64Array.from(columns, (j) => distances[j] + margin);
  const count = reach.length;
  // beyond[k]: sum of the reaches from the k-th on. It is NaN where any distance is.
  const beyond = new Float64Array(count + 1);
  for (let k = count - 1; k >= 0; k--) beyond[k] = beyond[k + 1] + reach[k];
  const starts = new Float64Array(count + 1);
  let sum = 0 * beyond[0];
  let active = 0;
  for (let j = 0; j < distances.length; j++) {
    if (!(negatives[j] > 0)) continue;
    const first = firstAbove(reach, distances[j]);
    sum += beyond[first] - (count - first) * distances[j];
    active += count - first;
    slope[j] -= count - first;
    starts[first]++;
  }
  let violators = 0;
  for (let k = 0; k < count; k++) {
    violators += starts[k];
    slope[columns[k]] += violators;
  }
  return { sum, active };
}

/** First index of ascending values whose value is above x; their number if none is. */
function firstAbove(values: Float64Array, x: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}
