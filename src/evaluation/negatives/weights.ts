import { percentileOf } from '../bootstrap.js';
import type { ArmScan, WeightScan } from './scan.js';

/** Quantiles over anchors that the curve of p by rank is given with. */
export const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** [anchors, depth]: p of each of the hardest negatives, NaN beyond the last. */
export function pOfHardest({ distances }: ArmScan, weights: WeightScan, depth: number): Float64Array {
  const { temperature, p, mass } = weights;
  return distances.map((d, at) => {
    const slot = Math.floor(at / depth);
    return (p[slot] * Math.exp((distances[slot * depth] - d) / temperature)) / mass[slot];
  });
}

/** [anchors, depth]: share of the k hardest in Σ p, 1 where there are no more than k. */
export function sharesOfHardest({ distances }: ArmScan, weights: WeightScan, depth: number): Float64Array {
  const { temperature, mass } = weights;
  const shares = new Float64Array(distances.length);
  for (let start = 0, slot = 0; start < shares.length; start += depth, slot++) {
    let sum = 0;
    for (let r = 0; r < depth; r++) {
      const d = distances[start + r];
      if (!Number.isNaN(d)) sum += Math.exp((distances[start] - d) / temperature);
      shares[start + r] = sum / mass[slot];
    }
  }
  return shares;
}

/** Column k of [anchors, depth]. */
export function columnOf(values: Float64Array, depth: number, k: number): Float64Array {
  return Float64Array.from({ length: values.length / depth }, (_, slot) => values[slot * depth + k]);
}

/** [depth] means over the anchors that have a value. */
export function columnMeans(values: Float64Array, depth: number): number[] {
  return Array.from({ length: depth }, (_, k) => {
    const column = columnOf(values, depth, k).filter((value) => !Number.isNaN(value));
    return column.reduce((sum, value) => sum + value, 0) / column.length;
  });
}

/** One curve a share, over the anchors that have a value. */
export function columnQuantiles(values: Float64Array, depth: number): { share: number; p: number[] }[] {
  const sorted = Array.from({ length: depth }, (_, k) =>
    columnOf(values, depth, k)
      .filter((value) => !Number.isNaN(value))
      .sort(),
  );
  return SHARES.map((share) => ({ share, p: sorted.map((column) => percentileOf(column, share)) }));
}
