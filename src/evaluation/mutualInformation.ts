import { requireLength } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import { rankLabels } from './rankLabels.js';

/** What two labellings of the same items tell of each other. */
export interface MutualInformation {
  /** I, nats, >= 0. */
  readonly information: number;
  /** I / ((H + H') / 2), 0..1. */
  readonly normalized: number;
  /** (I - E) / ((H + H') / 2 - E): 1 for the same grouping, 0 on average for random ones, E being their mean I. */
  readonly adjusted: number;
}

/**
 * Labels are names: only what they group counts. Where both labellings put all items into one group each, they agree:
 * normalized and adjusted are 1; where one does, it tells nothing: both are 0.
 * @param a, b n labels each, n >= 1, finite numbers
 * @throws ShapeError for other lengths or none, DomainError naming the row of a label that is not finite
 * @source Vinh, Epps, Bailey 2010, "Information theoretic measures for clusterings comparison", JMLR 11: the
 *   hypergeometric model of chance, normalised by the arithmetic mean of the entropies
 */
export function mutualInformation(a: ArrayLike<number>, b: ArrayLike<number>): MutualInformation {
  const n = a.length;
  requireLength(b.length, n, 'mutualInformation b');
  if (n === 0) throw new ShapeError(expectation('mutualInformation', 'at least one item', 0, 'pass labels'));
  const codesA = rankLabels(a, a, false, 'mutualInformation a');
  const codesB = rankLabels(b, b, false, 'mutualInformation b');
  const sizesA = codesA.relevant;
  const sizesB = codesB.relevant;
  const common = commonCounts(codesA.queries, codesB.queries, sizesB.length);
  if (common.size === sizesA.length && common.size === sizesB.length) {
    return { information: entropy(sizesA, n), normalized: 1, adjusted: 1 };
  }
  if (sizesA.length === 1 || sizesB.length === 1) return { information: 0, normalized: 0, adjusted: 0 };
  let sum = 0;
  for (const [cell, count] of common) {
    const [i, j] = [Math.floor(cell / sizesB.length), cell % sizesB.length];
    sum += count * Math.log((count / sizesA[i]) * (n / sizesB[j]));
  }
  // Independent labellings have 0, which rounding may miss on either side.
  const information = Math.max(0, sum / n);
  const meanEntropy = (entropy(sizesA, n) + entropy(sizesB, n)) / 2;
  const expected = expectedInformation(sizesA, sizesB, n);
  return {
    information,
    normalized: information / meanEntropy,
    adjusted: (information - expected) / (meanEntropy - expected),
  };
}

/** Items in group i of one labelling and j of the other, by i * groupsB + j, where there are any. */
function commonCounts(a: Int32Array, b: Int32Array, groupsB: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (let k = 0; k < a.length; k++) {
    const cell = a[k] * groupsB + b[k];
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return counts;
}

/** nats */
function entropy(sizes: Int32Array, n: number): number {
  let sum = 0;
  for (const size of sizes) sum -= (size / n) * Math.log(size / n);
  return sum;
}

/** Mean mutual information of random labellings with these group sizes. Groups of equal size are counted, not repeated. */
function expectedInformation(sizesA: Int32Array, sizesB: Int32Array, n: number): number {
  const timesB = timesOf(sizesB);
  let sum = 0;
  for (const [a, times] of timesOf(sizesA)) {
    for (const [b, timesOther] of timesB) sum += times * timesOther * expectedCell(a, b, n);
  }
  return sum;
}

function timesOf(sizes: Int32Array): Map<number, number> {
  const times = new Map<number, number>();
  for (const size of sizes) times.set(size, (times.get(size) ?? 0) + 1);
  return times;
}

/**
 * Mean of (m/n) ln(n m / (a b)) over the number m that a group of `a` items shares with one of `b`. The weights of m
 * are taken relative to the likeliest m and divided by their sum, which needs no factorials, whose logarithms lose
 * digits for large n.
 */
function expectedCell(a: number, b: number, n: number): number {
  const least = Math.max(0, a + b - n);
  const most = Math.min(a, b);
  const mode = Math.min(most, Math.max(least, Math.floor(((a + 1) * (b + 1)) / (n + 2))));
  const up = (m: number) => ((a - m) * (b - m)) / ((m + 1) * (n - a - b + m + 1));
  const term = (m: number) => (m === 0 ? 0 : (m / n) * Math.log((m / a) * (n / b)));
  let weights = 1;
  let sum = term(mode);
  for (let m = mode, weight = 1; m < most && weight > NEGLIGIBLE; m++) {
    weight *= up(m);
    weights += weight;
    sum += weight * term(m + 1);
  }
  for (let m = mode, weight = 1; m > least && weight > NEGLIGIBLE; m--) {
    weight /= up(m - 1);
    weights += weight;
    sum += weight * term(m - 1);
  }
  return sum / weights;
}

/** Weights fall faster than geometrically: all beyond this one together are below the rounding of float64. */
const NEGLIGIBLE = 1e-25;
