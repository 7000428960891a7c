import { requireFinite, requireInteger } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import { type Matrix64, row } from '../core/matrix.js';

/** How close a finite metric is to that of a tree; both lengths are in the unit of the distances. */
export interface Hyperbolicity {
  /** Least δ with (i|j) >= min((i|k), (k|j)) - δ for all i, j, k, products at the base point; 0 for a tree. */
  readonly delta: number;
  /** Largest distance. */
  readonly diameter: number;
}

/**
 * Gromov's δ at one base point w, with products (i|j) = ½ (d(i, w) + d(j, w) - d(i, j)). Exact, n³ / 2 steps. The δ of
 * another base point, and that of the four-point condition, is at most twice this one.
 * @param distances [n, n], symmetric, n >= 1 @param base row of w
 * @throws ShapeError unless square, UsageError for a base that is no row, DomainError for NaN or infinity
 * @source Gromov 1987, "Hyperbolic groups", section 1.1; as a max-min product: Fournier, Ismail, Vigneron 2015,
 *   "Computing the Gromov hyperbolicity of a discrete metric space"
 */
export function gromovHyperbolicity(distances: Matrix64, base = 0): Hyperbolicity {
  const n = distances.rows;
  if (distances.columns !== n) {
    const got = `${n} x ${distances.columns}`;
    const remedy = 'pass distances within one set';
    throw new ShapeError(expectation('gromovHyperbolicity', 'a square matrix', got, remedy));
  }
  requireInteger(base, 0, 'gromovHyperbolicity base', n - 1);
  requireFinite(distances.data, n, 'gromovHyperbolicity distances');
  const products = productsAt(distances, base);
  const { data } = products;
  const largest = Float64Array.from({ length: n }, (_, i) =>
    row(products, i).reduce((a, b) => Math.max(a, b)),
  );
  let delta = 0;
  for (let i = 0; i < n; i++) {
    const ofI = row(products, i);
    for (let j = 0; j <= i; j++) {
      const ofJ = row(products, j);
      // No k can do better than this, and most pairs cannot do well enough.
      if (Math.min(largest[i], largest[j]) - data[i * n + j] <= delta) continue;
      let best = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < n; k++) best = Math.max(best, Math.min(ofI[k], ofJ[k]));
      delta = Math.max(delta, best - data[i * n + j]);
    }
  }
  return { delta, diameter: distances.data.reduce((a, b) => Math.max(a, b), 0) };
}

/** [n, n]: (i|j) at the base point. */
function productsAt({ data, rows: n, columns }: Matrix64, base: number): Matrix64 {
  const products = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      products[i * n + j] = 0.5 * (data[base * n + i] + data[base * n + j] - data[i * n + j]);
    }
  }
  return { data: products, rows: n, columns };
}
