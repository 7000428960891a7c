import type { Space } from '../../src/core/space.js';

/**
 * How many numbers of a point, beside its vector, distances are computed with: one for each leaf that is not
 * flat.
 */
export function scalarCount(space: Space): number {
  switch (space.kind) {
    case 'product':
      return space.factors.reduce((sum, factor) => sum + scalarCount(factor.space), 0);
    case 'euclidean':
    case 'star':
      return 0;
    case 'stereographic':
      return space.curvature === 0 ? 0 : 1;
    case 'cosine':
    case 'innerProduct':
    case 'sphere':
    case 'poincare':
    case 'lorentz':
      return 1;
  }
}
