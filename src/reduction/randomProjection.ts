import { requireInteger } from '../core/checks.js';
import { matrix } from '../core/matrix.js';
import { Rng } from '../core/rng.js';
import { dot } from '../geometry/vector.js';
import type { LinearMap } from './linearMap.js';

export interface RandomProjectionOptions {
  /**
   * gaussian: independent normal entries of variance 1 / components. orthonormal (default): a uniformly random
   * subspace, times √(columns / components); its squared distances scatter less, and not at all at full width.
   */
  readonly kind?: 'gaussian' | 'orthonormal';
  readonly seed: number;
}

/**
 * A linear map drawn blindly. Over the draws, the mean of |P x|² is |x|²: squared distances are kept in the mean, and
 * each with a relative standard deviation of about √(2 / components).
 * @param columns >= 1 @param components 1..columns
 * @throws UsageError for sizes out of range
 * @source Johnson and Lindenstrauss 1984; Dasgupta and Gupta 2003, "An elementary proof", section 2
 */
export function randomProjection(
  columns: number,
  components: number,
  { kind = 'orthonormal', seed }: RandomProjectionOptions,
): LinearMap {
  requireInteger(columns, 1, 'randomProjection columns');
  requireInteger(components, 1, 'randomProjection components', columns);
  const rng = new Rng(seed).split('random projection');
  const data = Float64Array.from({ length: components * columns }, () => rng.normal());
  const size = kind === 'gaussian' ? Math.sqrt(1 / components) : Math.sqrt(columns / components);
  if (kind === 'orthonormal') orthonormalise(data, components, columns);
  return {
    projection: matrix(
      data.map((value) => value * size),
      components,
      columns,
    ),
    mean: new Float64Array(columns),
  };
}

/** Gram and Schmidt, twice: the second pass removes what rounding left of the first. */
function orthonormalise(data: Float64Array, rows: number, columns: number): void {
  for (let p = 0; p < rows; p++) {
    const v = data.subarray(p * columns, (p + 1) * columns);
    for (let pass = 0; pass < 2; pass++) {
      for (let q = 0; q < p; q++) {
        const u = data.subarray(q * columns, (q + 1) * columns);
        const along = dot(u, v);
        for (let k = 0; k < columns; k++) v[k] -= along * u[k];
      }
    }
    const length = Math.sqrt(dot(v, v));
    for (let k = 0; k < columns; k++) v[k] /= length;
  }
}
