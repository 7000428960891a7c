import { median, quantileSorted } from 'd3';
import { isDrawable } from './format.js';

/** The drawable values, in order, as float64. */
export function drawable(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter(isDrawable);
}

/** Mean of the drawable values; NaN if there are none. */
export function meanOf(values: ArrayLike<number>): number {
  const kept = drawable(values);
  return kept.reduce((sum, v) => sum + v, 0) / kept.length;
}

/** Quantiles of the drawable values by linear interpolation (type 7); NaN if there are none. */
export function quantiles(values: ArrayLike<number>, shares: readonly number[]): number[] {
  const sorted = [...drawable(values).sort()];
  return shares.map((share) => quantileSorted(sorted, share) ?? Number.NaN);
}

/** Positions i < min(lengths) at which every array is drawable. */
export function drawableTogether(...arrays: readonly ArrayLike<number>[]): Int32Array {
  const length = Math.min(...arrays.map((a) => a.length));
  return Int32Array.from({ length }, (_, i) => i).filter((i) => arrays.every((a) => isDrawable(a[i])));
}

/** At most `limit` of the values, evenly spaced, so that a figure stays small whatever it is given. */
export function thin(values: Int32Array, limit: number): Int32Array {
  if (values.length <= limit) return values;
  return Int32Array.from({ length: limit }, (_, i) => values[Math.floor((i * values.length) / limit)]);
}

/**
 * Medians of x and of y in `bins` groups of equal size, taken in the order of x.
 * @param chosen positions to use, at which x and y are drawable
 */
export function runningMedian(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  chosen: Int32Array,
  bins: number,
): [number, number][] {
  const order = chosen.slice().sort((i, j) => x[i] - x[j] || i - j);
  // Fewer than 8 values a group would draw the noise of single pairs.
  const groups = Math.min(bins, Math.floor(order.length / 8));
  return Array.from({ length: groups }, (_, g) => {
    const members = order.subarray(
      Math.floor((g * order.length) / groups),
      Math.floor(((g + 1) * order.length) / groups),
    );
    return [median(members, (i) => x[i])!, median(members, (i) => y[i])!];
  });
}
