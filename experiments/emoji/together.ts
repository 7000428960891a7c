import { findAll, type Similarities } from './ranks.js';

/** Ranks beyond which a place says little: Cormack, Clarke, Buettcher 2009, SIGIR, for fusion by reciprocal ranks. */
const RANKS_AWAY = 60;
/** Shares of the first model that are tried. */
const SHARES = Array.from({ length: 21 }, (_, i) => i / 20);

/** Similarities divided by their standard deviation, so that two models weigh alike. */
export function standardized(similarities: Similarities): Similarities {
  const n = similarities.length;
  const centre = similarities.reduce((sum, s) => sum + s, 0) / n;
  const variance = similarities.reduce((sum, s) => sum + (s - centre) ** 2, 0) / n;
  return similarities.map((s) => s / Math.sqrt(variance));
}

/** share a + (1 - share) b */
export function weighed(a: Similarities, b: Similarities, share: number): Similarities {
  return a.map((s, i) => share * s + (1 - share) * b[i]);
}

/** Sums of 1 / (60 + rank), ranks counted from 1, row by row; equal similarities share the best of their ranks. */
export function reciprocalRanks(a: Similarities, b: Similarities, n: number): Similarities {
  const sums = new Float32Array(n * n);
  for (const similarities of [a, b]) {
    for (let i = 0; i < n; i++) {
      const row = similarities.subarray(i * n, (i + 1) * n);
      const order = Float32Array.from(row)
        .fill(Number.NEGATIVE_INFINITY, i, i + 1)
        .sort();
      for (let j = 0; j < n; j++) {
        if (j !== i) sums[i * n + j] += 1 / (RANKS_AWAY + 1 + countAbove(order, row[j]));
      }
    }
  }
  return sums;
}

/** Values of an ascending list that are larger than `value`. */
function countAbove(ascending: Float32Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] > value) high = middle;
    else low = middle + 1;
  }
  return ascending.length - low;
}

/** The share of the first model with the best recall at 1; of several the one nearest to one half. */
export function bestShare(a: Similarities, b: Similarities, classes: ArrayLike<number>): number {
  const recall = (share: number) => {
    return findAll(weighed(a, b, share), classes).rank.filter((rank) => rank < 1).length;
  };
  const tried = SHARES.map((share) => ({ share, hits: recall(share), off: Math.abs(share - 0.5) }));
  return tried.reduce((best, next) => {
    return next.hits > best.hits || (next.hits === best.hits && next.off < best.off) ? next : best;
  }).share;
}
