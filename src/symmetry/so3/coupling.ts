import { type SparseCoupling, sparseWigner3j } from './wigner3j.js';

/** Degrees l1 (x) l2 -> l3. */
export type DegreeTriple = readonly [l1: number, l2: number, l3: number];

/** Sparse 3j symbols of a list of triples end to end: those of triple p are at start[p]..start[p + 1] - 1. */
export interface CouplingTable extends SparseCoupling {
  readonly start: Int32Array;
}

/**
 * The sums out[k] = Σ value a[i] b[j] of each triple, i, j, k counted from 0 within their degree.
 * @throws UsageError for a degree above the tables or a triple outside the triangle rule
 */
export function couplingTable(triples: readonly DegreeTriple[]): CouplingTable {
  const parts = triples.map(([l1, l2, l3]) => sparseWigner3j(l1, l2, l3));
  const start = new Int32Array(parts.length + 1);
  parts.forEach(({ value }, p) => {
    start[p + 1] = start[p] + value.length;
  });
  const length = start[parts.length];
  const table = {
    i: new Int32Array(length),
    j: new Int32Array(length),
    k: new Int32Array(length),
    value: new Float64Array(length),
    start,
  };
  parts.forEach((part, p) => {
    for (const key of ['i', 'j', 'k', 'value'] as const) table[key].set(part[key], start[p]);
  });
  return table;
}
