import { requireFinite, requireInteger } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import { type Matrix64, row } from '../core/matrix.js';
import type { Rng } from '../core/rng.js';

/** How close a finite metric is to that of a tree; both lengths are in the unit of the distances. */
export interface Hyperbolicity {
  /** Least δ with (i|j) >= min((i|k), (k|j)) - δ for all i, j, k, products at the base point; 0 for a tree. */
  readonly delta: number;
  /** Largest distance. */
  readonly diameter: number;
}

/**
 * Gromov's δ at one base point w, with products (i|j) = ½ (d(i, w) + d(j, w) - d(i, j)): the largest entry of
 * (A ⊗ A) - A, ⊗ the max-min product of the matrix A of products. Exact; n² numbers of memory, at most n³ / 2 steps,
 * a few n² where δ > 0. The δ of another base point, and that of the four-point condition, is at most twice this one.
 * @param distances [n, n], symmetric, n >= 1 @param base row of w
 * @throws ShapeError unless square, UsageError for a base that is no row, DomainError for NaN or infinity
 * @source Gromov 1987, "Hyperbolic groups", section 1.1; as a max-min product: Fournier, Ismail, Vigneron 2015,
 *   "Computing the Gromov hyperbolicity of a discrete metric space"
 */
export function gromovHyperbolicity(distances: Matrix64, base = 0): Hyperbolicity {
  requireDistances(distances, 'gromovHyperbolicity');
  requireInteger(base, 0, 'gromovHyperbolicity base', distances.rows - 1);
  const delta = largestExcess(productsAt(distances, base, 0), 0);
  let diameter = 0;
  for (const d of distances.data) diameter = Math.max(diameter, d);
  return { delta, diameter };
}

/**
 * The constant of the four-point condition, which knows no base point: the largest δ of all base points, or half of what
 * the largest of d(x, y) + d(z, w), d(x, z) + d(y, w), d(x, w) + d(y, z) exceeds the second by, at most, over all x, y,
 * z, w. Exact, at most n⁴ / 8 steps.
 * @param distances [n, n], symmetric, n >= 1
 * @returns between δ of any one base point and twice that, in the unit of the distances
 * @throws ShapeError unless square, DomainError for NaN or infinity
 * @source Gromov 1987, section 1.1
 */
export function fourPointHyperbolicity(distances: Matrix64): number {
  requireDistances(distances, 'fourPointHyperbolicity');
  let delta = 0;
  // A quadruple's excess is the same from each of its points, so that base w need not look at rows before it.
  for (let w = 0; w < distances.rows; w++) delta = largestExcess(productsAt(distances, w, w), delta);
  return delta;
}

/**
 * The same over random quadruples alone, drawn with replacement: a lower bound of fourPointHyperbolicity.
 * @param distances [n, n], symmetric, n >= 1 @param quadruples how many
 * @throws ShapeError unless square, DomainError for NaN or infinity
 */
export function sampledFourPoint(distances: Matrix64, quadruples: number, rng: Rng): number {
  requireDistances(distances, 'sampledFourPoint');
  const { data, rows: n } = distances;
  let twice = 0;
  for (let q = 0; q < quadruples; q++) {
    const x = rng.below(n);
    const y = rng.below(n);
    const z = rng.below(n);
    const w = rng.below(n);
    const a = data[x * n + y] + data[z * n + w];
    const b = data[x * n + z] + data[y * n + w];
    const c = data[x * n + w] + data[y * n + z];
    const largest = Math.max(a, b, c);
    twice = Math.max(twice, largest - (a + b + c - largest - Math.min(a, b, c)));
  }
  return twice / 2;
}

function requireDistances({ data, rows: n, columns }: Matrix64, who: string): void {
  if (columns !== n) {
    const remedy = 'pass distances within one set';
    throw new ShapeError(expectation(who, 'a square matrix', `${n} x ${columns}`, remedy));
  }
  requireFinite(data, n, `${who} distances`);
}

/** [n - from, n - from]: (i|j) at the base point for rows i, j >= from. */
function productsAt({ data, rows: n }: Matrix64, base: number, from: number): Matrix64 {
  const rows = n - from;
  const products = new Float64Array(rows * rows);
  for (let i = 0, at = 0; i < rows; i++) {
    const toBase = data[base * n + from + i];
    const start = (from + i) * n + from;
    for (let j = 0; j < rows; j++) {
      products[at++] = 0.5 * (toBase + data[base * n + from + j] - data[start + j]);
    }
  }
  return { data: products, rows, columns: rows };
}

/** The larger of `delta` and every min((i|k), (k|j)) - (i|j). */
function largestExcess(products: Matrix64, delta: number): number {
  const { data, rows: n } = products;
  const toBase = Float64Array.from({ length: n }, (_, i) => data[i * n + i]);
  const candidates = new Int32Array(n);
  let largest = delta;
  // The farthest first: their excesses are large, and bound early what is worth a look.
  const farFirst = sortByDescending(Int32Array.from(toBase.keys()), toBase);
  for (let p = 1; p < n; p++) {
    const ofI = row(products, farFirst[p]);
    // Each pair from its nearer row: its products are small, and fewer k come into question.
    const farther = farFirst.subarray(0, p);
    let least = Number.POSITIVE_INFINITY;
    for (const j of farther) least = Math.min(least, ofI[j]);
    let count = 0;
    for (let k = 0; k < n; k++) if (ofI[k] - least > largest) candidates[count++] = k;
    if (count === 0) continue;
    const best = sortByDescending(candidates.subarray(0, count), ofI);
    for (const j of farther) {
      const product = ofI[j];
      const start = j * n;
      // By index: this is the loop of n³ / 2 steps, and iterators cost several times what it does.
      for (let q = 0; q < count; q++) {
        const k = best[q];
        const ofK = ofI[k];
        if (ofK - product <= largest) break;
        const other = data[start + k];
        const excess = Math.min(ofK, other) - product;
        if (excess > largest) largest = excess;
      }
    }
  }
  return largest;
}

function sortByDescending(items: Int32Array, values: Float64Array): Int32Array {
  return items.sort((a, b) => values[b] - values[a]);
}
