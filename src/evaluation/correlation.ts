import { requireLength } from '../core/checks.js';

/** Ranks 1..n; equal values share the mean of theirs. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const result = new Float64Array(n);
  for (let start = 0, end = 0; start < n; start = end) {
    while (end < n && values[order[end]] === values[order[start]]) end++;
    // Positions start..end-1 hold ranks start+1..end.
    for (let i = start; i < end; i++) result[order[i]] = (start + 1 + end) / 2;
  }
  return result;
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
