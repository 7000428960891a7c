import type { TripletCall, TripletSums } from '../../engine/fused.js';

/**
 * The fused kernel for machines without the addon, the same to the last bit. It is not made of tensors, because in float32
 * these would round every reach, and with it which triplets are above 0.
 */
export function hostTriplets(call: TripletCall): TripletSums {
  const { anchors, references: m, margin } = call;
  const [sums, active] = [new Float32Array(anchors), new Float32Array(anchors)];
  const slope = new Float32Array(anchors * m);
  for (let i = 0; i < anchors; i++) {
    const row = (t: Float32Array) => t.subarray(i * m, (i + 1) * m);
    const distances = row(call.distances);
    const result = anchorSum(
      { distances, positives: row(call.positives), negatives: row(call.negatives) },
      margin,
      row(slope),
    );
    sums[i] = result.sum;
    active[i] = result.active;
  }
  return { sums, active, slope };
}

type Row = Pick<TripletCall, 'distances' | 'positives' | 'negatives'>;

/** One anchor: the sum, how many triplets are above 0, and the gradient written to `slope`. */
function anchorSum(
  { distances, positives, negatives }: Row,
  margin: number,
  slope: Float32Array,
): { sum: number; active: number } {
  const columns: number[] = [];
  let sum = 0;
  for (let j = 0; j < distances.length; j++) {
    if (!(positives[j] > 0)) continue;
    if (!Number.isNaN(distances[j])) columns.push(j);
    sum += 0 * distances[j];
  }
  columns.sort((a, b) => distances[a] - distances[b] || a - b);
  const reach = Float64Array.from(columns, (j) => distances[j] + margin);
  const count = reach.length;
  // beyond[k]: sum of the reaches from the k-th on.
  const beyond = new Float64Array(count + 1);
  for (let k = count - 1; k >= 0; k--) beyond[k] = beyond[k + 1] + reach[k];
  const starts = new Float64Array(count + 1);
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
