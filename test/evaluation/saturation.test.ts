import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { matrix } from '../../src/core/matrix.js';
import type { Space } from '../../src/core/space.js';
import { saturation } from '../../src/evaluation/saturation.js';
import { poincareToLorentz } from '../../src/geometry/conversions.js';
import { distance } from '../../src/geometry/distance.js';

const BALL: Space = { kind: 'poincare', dim: 2, curvature: -1 };
/** Points of the disk at these distances from its centre. */
const atRadii = (...radii: number[]) => radii.flatMap((r) => [0, Math.tanh(r / 2)]);

describe('saturation', () => {
  it('gives quantiles of the radius and the share that crowds at the largest one', () => {
    const points = matrix(Float64Array.from(atRadii(0, 1, 2, 3.9, 4)), 5, 2);
    const [{ radius, crowded, blurred, column }] = saturation(BALL, points);
    [0, 0, 2, 4, 4].forEach((r, i) => {
      expect(radius[i]).toBeCloseTo(r, 9);
    });
    expect([crowded, blurred, column]).toEqual([0.4, 0, 0]);
  });

  it('calls a radius blurred where rounding to float32 really moves points by a hundredth', () => {
    const moved = (r: number) => {
      const steps = Array.from({ length: 200 }, (_, i) => {
        const turn = 0.1 + i / 100;
        const exact = [Math.cos(turn), Math.sin(turn)].map((v) => v * Math.tanh(r / 2));
        const rounded = exact.map(Math.fround);
        return Math.hypot(...rounded) < 1 ? distance(BALL, exact, rounded) : Number.POSITIVE_INFINITY;
      });
      return Math.max(...steps);
    };
    const blurred = (r: number) => saturation(BALL, matrix(Float64Array.from(atRadii(r)), 1, 2))[0].blurred;
    for (const r of [9, 11, 12.5]) expect([blurred(r), moved(r) < 0.01]).toEqual([0, true]);
    for (const r of [13.5, 15]) expect([blurred(r), moved(r) > 0.01]).toEqual([1, true]);
  });

  it('takes the hyperbolic factors out of a product, in units of their own curvature', () => {
    const lorentz: Space = { kind: 'lorentz', dim: 2, curvature: -4 };
    const space: Space = {
      kind: 'product',
      combine: 'l2',
      factors: [
        { space: { kind: 'euclidean', dim: 1 }, weight: 1 },
        { space: lorentz, weight: 2 },
        { space: { kind: 'stereographic', dim: 2, curvature: 1 }, weight: 1 },
        { space: BALL, weight: 1 },
      ],
    };
    const x = poincareToLorentz([0.2, 0.1], 4);
    const points = matrix(Float64Array.of(9, ...x, 5, 5, 0, 0.5), 1, 8);
    const found = saturation(space, points);
    expect(found.map((f) => [f.column, f.space.kind])).toEqual([
      [1, 'lorentz'],
      [6, 'poincare'],
    ]);
    // By hand: (2 / √c) artanh(√c |p|) with c = 4, |p| = √0.05.
    expect(found[0].radius[4]).toBeCloseTo(Math.atanh(2 * Math.sqrt(0.05)), 9);
    expect(saturation({ kind: 'euclidean', dim: 8 }, points)).toEqual([]);
  });

  it('refuses rows outside the ball, and no rows', () => {
    expect(() => saturation(BALL, matrix(new Float64Array(0), 0, 2))).toThrow(ShapeError);
    expect(() => saturation(BALL, matrix(Float64Array.of(0, 0, 1, 0), 2, 2))).toThrow(DomainError);
  });
});
