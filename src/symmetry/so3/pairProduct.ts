import { type CouplingPlan, planOf } from './channelProduct.js';
import { requireDegree } from './degrees.js';
import { sparseWigner3j } from './wigner3j.js';

/** Degree l1 of the first signal and l2 of the second, looked at in degree l3. */
export interface PairPath {
  readonly l1: number;
  readonly l2: number;
  readonly l3: number;
}

/** Products of two signals, or of different channels of one: none of them is zero for symmetry. */
export interface PairProduct {
  /** a, b -> products, rows as in channelProduct. */
  readonly forward: CouplingPlan;
  /** Gradients of the products, b -> gradient of a. */
  readonly toFirst: CouplingPlan;
  /** Gradients of the products, a -> gradient of b. */
  readonly toSecond: CouplingPlan;
  /** By degree l3: how many paths lead there. */
  readonly paths: readonly number[];
}

/**
 * Every pair of degrees that the triangle rule allows, ascending by l3, then l1, then l2.
 * @throws UsageError for a degree above the tables
 */
export function pairPaths(firstDegree: number, secondDegree: number, outDegree: number): PairPath[] {
  for (const degree of [firstDegree, secondDegree, outDegree]) requireDegree(degree, 'pairPaths degree');
  const paths: PairPath[] = [];
  for (let l3 = 0; l3 <= outDegree; l3++) {
    for (let l1 = 0; l1 <= firstDegree; l1++) {
      for (let l2 = 0; l2 <= secondDegree; l2++) {
        if (Math.abs(l1 - l2) <= l3 && l3 <= l1 + l2) paths.push({ l1, l2, l3 });
      }
    }
  }
  return paths;
}

/**
 * The Clebsch-Gordan product of two signals as plans for kernels: entry (l3, m3) of a path is
 * √(2 l3 + 1) Σ w(l1 m1, l2 m2, l3 m3) a(l1 m1) b(l2 m2), w Wigner's 3j.
 * @param paths ascending by l3
 */
export function pairProduct(
  paths: readonly PairPath[],
  firstDegree: number,
  secondDegree: number,
): PairProduct {
  const outDegree = paths.reduce((most, { l3 }) => Math.max(most, l3), 0);
  const counts = Array.from({ length: outDegree + 1 }, (_, l) => paths.filter(({ l3 }) => l3 === l).length);
  const [aRows, bRows] = [(firstDegree + 1) ** 2, (secondDegree + 1) ** 2];
  const outRows = counts.reduce((sum, count, l) => sum + (2 * l + 1) * count, 0);
  const empty = (count: number) =>
    Array.from({ length: count }, () => new Map<number, Map<number, number>>());
  const [forward, toFirst, toSecond] = [empty(outRows), empty(aRows), empty(bRows)];
  const put = (row: Map<number, Map<number, number>>, i: number, j: number, c: number) => {
    row.set(i, (row.get(i) ?? new Map<number, number>()).set(j, c));
  };
  let start = 0;
  counts.forEach((count, l3) => {
    paths
      .filter((path) => path.l3 === l3)
      .forEach(({ l1, l2 }, p) => {
        const { i, j, k, value } = sparseWigner3j(l1, l2, l3);
        for (let t = 0; t < value.length; t++) {
          const [a, b, r] = [l1 ** 2 + i[t], l2 ** 2 + j[t], start + k[t] * count + p];
          const c = Math.sqrt(2 * l3 + 1) * value[t];
          put(forward[r], a, b, c);
          put(toFirst[a], r, b, c);
          put(toSecond[b], r, a, c);
        }
      });
    start += (2 * l3 + 1) * count;
  });
  return {
    forward: planOf(forward, aRows, bRows),
    toFirst: planOf(toFirst, outRows, bRows),
    toSecond: planOf(toSecond, outRows, aRows),
    paths: counts,
  };
}
