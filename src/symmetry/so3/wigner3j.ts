import { expectation, UsageError } from '../../core/errors.js';
import { scaledClebschGordan } from './clebschGordan.js';
import { requireDegree } from './degrees.js';

/**
 * Entries (i, j, k, value) that are not 0, i, j, k = m + l, sorted by k, then i, then j: rows of
 * out[k] = Σ value a[i] b[j].
 */
export interface SparseCoupling {
  readonly i: Int32Array;
  readonly j: Int32Array;
  readonly k: Int32Array;
  readonly value: Float64Array;
}

/**
 * Wigner 3j symbols of real harmonics: w contracted with D1, D2 and D3 of any rotation is w, and Σ w² = 1. Signs as
 * e3nn's wigner_3j, and the same numbers although the polar axis is another.
 * @returns [2 l1 + 1, 2 l2 + 1, 2 l3 + 1], row-major
 * @throws UsageError for a degree above the tables, or outside |l1 - l2| <= l3 <= l1 + l2
 */
export function wigner3j(l1: number, l2: number, l3: number): Float64Array {
  const { i, j, k, value } = sparseWigner3j(l1, l2, l3);
  const [rows, columns] = [2 * l2 + 1, 2 * l3 + 1];
  const out = new Float64Array((2 * l1 + 1) * rows * columns);
  value.forEach((w, at) => {
    out[(i[at] * rows + j[at]) * columns + k[at]] = w;
  });
  return out;
}

/** wigner3j without its zeros. @throws as wigner3j */
export function sparseWigner3j(l1: number, l2: number, l3: number): SparseCoupling {
  for (const l of [l1, l2, l3]) requireDegree(l, 'wigner3j degree');
  if (l3 < Math.abs(l1 - l2) || l3 > l1 + l2) {
    const expected = `l3 in ${Math.abs(l1 - l2)}..${l1 + l2} for l1 = ${l1}, l2 = ${l2}`;
    throw new UsageError(expectation('wigner3j', expected, l3, 'leave this triple out'));
  }
  const complex = complexTable(l1, l2, l3);
  const entries: [k: number, i: number, j: number, value: number][] = [];
  for (let m1 = -l1; m1 <= l1; m1++) {
    for (let m2 = -l2; m2 <= l2; m2++) {
      const [p, q] = [Math.abs(m1), Math.abs(m2)];
      // cos and sin of pφ and qφ multiply to those of (p + q)φ and (p - q)φ, no others.
      for (const n of new Set([p + q, -p - q, p - q, q - p])) {
        if (Math.abs(n) > l3) continue;
        const value = realValue(complex, [l1, l2, l3], [m1, m2, n]);
        if (value !== 0) entries.push([n + l3, m1 + l1, m2 + l2, value]);
      }
    }
  }
  entries.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  const column = (at: number) => Int32Array.from(entries, (entry) => entry[at]);
  return { i: column(1), j: column(2), k: column(0), value: Float64Array.from(entries, (entry) => entry[3]) };
}

/** Clebsch-Gordan coefficients / √(2 l3 + 1), [2 l1 + 1, 2 l2 + 1]. */
function complexTable(l1: number, l2: number, l3: number): Float64Array {
  const columns = 2 * l2 + 1;
  const out = new Float64Array((2 * l1 + 1) * columns);
  const last = out.length - 1;
  const sign = (l1 + l2 - l3) % 2 === 0 ? 1 : -1;
  for (let at = 0; at <= last / 2; at++) {
    out[at] = scaledClebschGordan(l1, Math.floor(at / columns) - l1, l2, (at % columns) - l2, l3);
    // Turning all m about turns the sign with the parity of l1 + l2 - l3.
    out[last - at] = sign * out[at];
  }
  return out;
}

/** Sum over the complex functions that make up the three real ones. */
function realValue(
  complex: Float64Array,
  [l1, l2, l3]: readonly number[],
  [m1, m2, m3]: readonly number[],
): number {
  let sum = 0;
  for (const s1 of m1 === 0 ? [0] : [-1, 1]) {
    for (const s2 of m2 === 0 ? [0] : [-1, 1]) {
      const [n1, n2] = [s1 * Math.abs(m1), s2 * Math.abs(m2)];
      if (Math.abs(n1 + n2) !== Math.abs(m3)) continue;
      const quarters = quarterTurns(n1, m1) + quarterTurns(n2, m2) - quarterTurns(n1 + n2, m3) + l3 - l1 - l2;
      if (quarters % 2 !== 0) continue;
      sum += (quarters % 4 === 0 ? 1 : -1) * complex[(n1 + l1) * (2 * l2 + 1) + n2 + l2];
    }
  }
  const halves = [m1, m2, m3].filter((m) => m !== 0).length;
  return sum * [1, Math.SQRT1_2, 0.5, Math.SQRT1_2 / 2][halves];
}

/** The part of the complex function n (Condon-Shortley) along the real one m is i to this power, over √2 unless n = 0. */
function quarterTurns(n: number, m: number): number {
  if (n === 0) return 0;
  if (n > 0) return 2 * n + (m < 0 ? 1 : 0);
  return m < 0 ? 3 : 0;
}
