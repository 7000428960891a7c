import { requireInteger } from '../../core/checks.js';
import type { Matrix } from '../../core/matrix.js';
import type { Group } from '../group.js';
import { turnRows } from './clouds.js';
import { planeTurn } from './cyclic.js';
import { fromRegularFeatures } from './finite.js';

/**
 * D_n, the 2n symmetries of an n-gon, on clouds of the plane: element k + n m, k = 0..n - 1, m = 0 or 1, mirrors the
 * second coordinate m times and then turns by 2πk / n. `distance` is 0 or 1. ψ takes 2n numbers on which g acts by
 * (g f)[h] = f[g⁻¹ h].
 * @throws UsageError unless n is a whole number >= 1
 */
export function dihedralGroup(n: number): Group<number, Matrix> {
  requireInteger(n, 1, 'dihedralGroup n');
  const compose = (g: number, h: number): number => {
    const mirrored = g >= n !== h >= n;
    const turns = g >= n ? g - h : g + h;
    return (((turns % n) + n) % n) + (mirrored ? n : 0);
  };
  return {
    name: `D_${n}`,
    identity: 0,
    compose,
    inverse: (g) => (g >= n ? g : (n - g) % n),
    act: (g, x) => turnRows(planeTurn((2 * Math.PI * g) / n, g >= n), x, 2, `D_${n} cloud`),
    random: (rng) => rng.below(2 * n),
    distance: (g, h) => (g === h ? 0 : 1),
    fromFeatures: (features) => fromRegularFeatures(features, 2 * n, compose, `D_${n} features`),
  };
}
