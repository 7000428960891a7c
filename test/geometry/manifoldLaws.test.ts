import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import type { Space } from '../../src/core/space.js';
import { type Manifold, manifoldOf } from '../../src/geometry/manifold.js';
import { gyration } from '../../src/geometry/stereographicGyrovector.js';
import { manifoldLaws, type Scene } from '../laws/manifold.js';
import { coordinates } from './support.js';

const PARAMETERS = { seed: 7, numRuns: 80 };
const DIM = 3;

type Draw = (K: number) => Space;
const SPACES: Readonly<Record<string, readonly [fc.Arbitrary<number>, Draw]>> = {
  euclidean: [fc.constant(0), () => ({ kind: 'euclidean', dim: DIM })],
  sphere: [positive(), (curvature) => ({ kind: 'sphere', dim: DIM + 1, curvature })],
  poincare: [positive().map((K) => -K), (curvature) => ({ kind: 'poincare', dim: DIM, curvature })],
  lorentz: [positive().map((K) => -K), (curvature) => ({ kind: 'lorentz', dim: DIM, curvature })],
  'stereographic, K > 0': [positive(), (curvature) => ({ kind: 'stereographic', dim: DIM, curvature })],
  'stereographic, K < 0': [
    positive().map((K) => -K),
    (curvature) => ({ kind: 'stereographic', dim: DIM, curvature }),
  ],
  'stereographic, K near 0': [
    fc.double({ min: -1e-6, max: 1e-6, noNaN: true }),
    (curvature) => ({ kind: 'stereographic', dim: DIM, curvature }),
  ],
  product: [
    positive(),
    (K) => ({
      kind: 'product',
      combine: 'l2',
      factors: [
        { space: { kind: 'lorentz', dim: 1, curvature: -K }, weight: 2 },
        { space: { kind: 'euclidean', dim: 1 }, weight: 0.5 },
        { space: { kind: 'sphere', dim: 2, curvature: K }, weight: 1 },
      ],
    }),
  ],
};

function positive(): fc.Arbitrary<number> {
  return fc.double({ min: 0.05, max: 20, noNaN: true });
}

/** Points at most `reach` units (1/√|K|) from the origin, y and z at most `apart` from x where that is given. */
function scenes([curvatures, draw]: readonly [fc.Arbitrary<number>, Draw], reach: number, apart?: number) {
  const vector = coordinates(DIM).filter((v) => Math.hypot(...v) > 1e-3);
  return fc.tuple(curvatures, vector, vector, vector, vector).map(([K, a, b, d, e]): Scene => {
    const manifold = manifoldOf(draw(K));
    const unit = Math.abs(K) > 1e-3 ? 1 / Math.sqrt(Math.abs(K)) : 1;
    const tangent = (v: number[], length: number) =>
      manifold.frame(v.map((value) => (value * length * unit) / Math.sqrt(DIM)));
    const origin = manifold.origin();
    const x = manifold.exp(origin, tangent(a, reach));
    const from = apart === undefined ? origin : x;
    const to = (v: number[]) =>
      manifold.exp(from, manifold.transport(origin, from, tangent(v, apart ?? reach)));
    const [y, z] = [to(b), to(d)];
    const u = manifold.transport(origin, x, tangent(e, 1));
    return { manifold, x, y, z, u, unit, growth: growthOf(manifold, x, y, unit) };
  });
}

/**
 * A coordinate of x is good to rounding, which is a length of rounding times e^(d(o, x)); a direction at x that is off
 * by as much misses y by e^(d(x, y)) more. On spheres it is the vicinity of the antipode that magnifies.
 */
function growthOf(manifold: Manifold, x: Float64Array, y: Float64Array, unit: number): number {
  const { min, max } = manifold.curvature;
  const far = (manifold.dist(manifold.origin(), x) + manifold.dist(x, y)) / unit;
  const hyperbolic = min < 0 ? Math.exp(far) : 1;
  return max > 0 ? 4 * hyperbolic : hyperbolic;
}

describe.each(Object.entries(SPACES))('%s', (_, space) => {
  manifoldLaws(scenes(space, 1.2), PARAMETERS);
});

describe.each(['poincare', 'lorentz', 'stereographic, K < 0'])('%s, up to the edge of the ball', (name) => {
  // At 12/√c the rim is 1e-5 of the radius away.
  manifoldLaws(scenes(SPACES[name], 12, 2), PARAMETERS);
});

describe('the gyration', () => {
  it('keeps Euclidean norms, for any curvature', () => {
    fc.assert(
      fc.property(
        coordinates(3),
        coordinates(3),
        coordinates(3),
        fc.double({ min: -0.3, max: 0.3, noNaN: true }),
        (x, y, u, K) => {
          // The denominator of a gyration is at least (1 - 0.9)² here, and its rounding that much larger.
          expect(Math.abs(Math.hypot(...gyration(x, y, u, K)) - Math.hypot(...u))).toBeLessThan(1e-12);
        },
      ),
      PARAMETERS,
    );
  });
});

describe('manifoldOf', () => {
  it('refuses what has no Riemannian metric', () => {
    expect(() => manifoldOf({ kind: 'cosine', dim: 2 })).toThrow(UsageError);
    expect(() => manifoldOf({ kind: 'star', dim: 1 })).toThrow(/manifold.*star/);
    expect(() => manifoldOf({ kind: 'product', combine: 'sum', factors: [] })).toThrow(/"sum"/);
  });
});
