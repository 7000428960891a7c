import { requireLength } from '../core/checks.js';

/** Ranks 1..n; equal values share the mean of theirs. */
export function ranks(values: ArrayLike<number>): Float64Array {
  // Sorting plain numbers and looking each up takes a tenth of the time of sorting places by a comparison.
  const sorted = Float64Array.from(values).sort();
  const result = new Float64Array(values.length);
  for (let i = 0; i < result.length; i++) {
    const value = values[i];
    const below = firstNotBelow(sorted, value, 0);
    let through = below + 1;
    if (sorted[through] === value) through = firstNotBelow(sorted, value, through, true);
    result[i] = (below + 1 + through) / 2;
  }
  return result;
}

/** The first place from `from` on whose value is not below `value`, or with `orEqual` is above it. */
function firstNotBelow(sorted: Float64Array, value: number, from: number, orEqual = false): number {
  let low = from;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value || (orEqual && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Linear correlation, -1..1; NaN, undefined, if one side is constant. @throws ShapeError for other lengths */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  requireLength(y.length, x.length, 'pearson y');
  const meanX = meanOf(x);
  const meanY = meanOf(y);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i] - meanX;
    const dy = y[i] - meanY;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xy / (Math.sqrt(xx) * Math.sqrt(yy));
}

/** Rank correlation, -1..1, with shared ranks for ties; NaN, undefined, if one side is constant. */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return pearson(ranks(x), ranks(y));
}

function meanOf(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i];
  return sum / x.length;
}
