import type { Space } from '../../src/core/space.js';

/** One of each manifold that points are moved on, by name; curvatures other than ±1 show what units are forgotten. */
export const SPACES: Readonly<Record<string, Space>> = {
  euclidean: { kind: 'euclidean', dim: 3 },
  poincare: { kind: 'poincare', dim: 3, curvature: -0.7 },
  stereographic: { kind: 'stereographic', dim: 3, curvature: 0.3 },
  lorentz: { kind: 'lorentz', dim: 3, curvature: -0.5 },
  sphere: { kind: 'sphere', dim: 4, curvature: 2 },
  product: {
    kind: 'product',
    combine: 'l2',
    factors: [
      { space: { kind: 'poincare', dim: 2, curvature: -1 }, weight: 2 },
      { space: { kind: 'sphere', dim: 3, curvature: 1 }, weight: 0.5 },
      { space: { kind: 'euclidean', dim: 1 }, weight: 1 },
    ],
  },
};
