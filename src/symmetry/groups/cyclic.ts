import { requireInteger } from '../../core/checks.js';
import type { Matrix } from '../../core/matrix.js';
import type { Group } from '../group.js';
import { turnRows } from './clouds.js';
import { fromRegularFeatures } from './finite.js';

/**
 * C_n on clouds of the plane: element k = 0..n - 1 turns by 2πk / n. `distance` counts the steps between, 0..n / 2.
 * ψ takes n numbers that shift round as the cloud turns, f[j] of x being f[j + 1] of x turned by one step: one number
 * for each way to look at it.
 * @throws UsageError unless n is a whole number >= 1
 */
export function cyclicGroup(n: number): Group<number, Matrix> {
  requireInteger(n, 1, 'cyclicGroup n');
  const compose = (g: number, h: number): number => (g + h) % n;
  return {
    name: `C_${n}`,
    identity: 0,
    compose,
    inverse: (g) => (n - g) % n,
    act: (g, x) => turnRows(planeTurn((2 * Math.PI * g) / n), x, 2, `C_${n} cloud`),
    random: (rng) => rng.below(n),
    distance: (g, h) => Math.min(Math.abs(g - h), n - Math.abs(g - h)),
    fromFeatures: (features) => fromRegularFeatures(features, n, compose, `C_${n} features`),
  };
}

/** The turn by an angle as a 2 x 2 matrix, row-major; `mirrored`: the second coordinate changes its sign first. */
export function planeTurn(angle: number, mirrored = false): readonly number[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return mirrored ? [cos, sin, sin, -cos] : [cos, -sin, sin, cos];
}
