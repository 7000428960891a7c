import { requireFinite, requireInteger, requireLength } from '../../core/checks.js';
import { type Matrix, matrix } from '../../core/matrix.js';
import type { Group } from '../group.js';
import { frobenius, normals, requireCloud } from './clouds.js';

/**
 * T(dim) on clouds, rows being points: an element is the shift, dim numbers in the unit of the points, and so is
 * `distance`. ψ takes a place that moves along, dim numbers, as it is. `random`: standard normal, as there is no uniform.
 * @throws UsageError unless dim is a whole number >= 1
 */
export function translationGroup(dim: number): Group<Float64Array, Matrix> {
  requireInteger(dim, 1, 'translationGroup dim');
  const name = `T(${dim})`;
  return {
    name,
    identity: new Float64Array(dim),
    compose: (g, h) => g.map((value, k) => value + h[k]),
    inverse: (g) => g.map((value) => -value),
    act(g, x) {
      requireCloud(x, dim, `${name} cloud`);
      return matrix(
        Float64Array.from(x.data, (value, at) => value + g[at % dim]),
        x.rows,
        dim,
      );
    },
    random: (rng) => normals(rng, dim),
    distance: frobenius,
    fromFeatures(features) {
      requireLength(features.length, dim, `${name} features`);
      requireFinite(features, dim, `${name} features`);
      return Float64Array.from(features);
    },
  };
}
