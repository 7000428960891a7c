import { requireFinite, requireLength } from '../../core/checks.js';
import { type Matrix, matrix } from '../../core/matrix.js';
import type { Group } from '../group.js';
import { NEGLIGIBLE_LENGTH } from './frames.js';

/**
 * Scaling of clouds about the origin: an element is a factor > 0; `distance` is |ln g - ln h|. ψ takes one number that
 * scales with the cloud, as its radius, to its absolute value; below 1e-10 (all points at the origin) to 1.
 * `random`: e to a standard normal, as there is no uniform.
 */
export function scalingGroup(): Group<number, Matrix> {
  return {
    name: 'scaling',
    identity: 1,
    compose: (g, h) => g * h,
    inverse: (g) => 1 / g,
    act(g, x) {
      requireFinite(x.data, x.columns, 'scaling cloud');
      return matrix(
        Float64Array.from(x.data, (value) => g * value),
        x.rows,
        x.columns,
      );
    },
    random: (rng) => Math.exp(rng.normal()),
    distance: (g, h) => Math.abs(Math.log(g) - Math.log(h)),
    fromFeatures(features) {
      requireLength(features.length, 1, 'scaling features');
      requireFinite(features, 1, 'scaling features');
      const size = Math.abs(features[0]);
      return size > NEGLIGIBLE_LENGTH ? size : 1;
    },
  };
}
