import type { Space, TreeArm } from '../../src/index.js';

export const SPACES = [
  'euclidean',
  'euclidean+star',
  'cosine',
  'cosine+star',
  'hyperbolic',
  'hyperbolic+star',
  'euclidean-hyperbolic',
  'cosine-hyperbolic',
] as const;
export type SpaceName = (typeof SPACES)[number];
type Plain = 'euclidean' | 'cosine' | 'hyperbolic';

export type DistanceKind = 'angles' | 'euclidean' | 'hyperbolic';

/** What the scale of distances, and so of temperatures, depends on. */
export function distanceKind(name: SpaceName): DistanceKind {
  if (name.startsWith('cosine')) return 'angles';
  return name.startsWith('hyperbolic') ? 'hyperbolic' : 'euclidean';
}

/**
 * A space of `dim` numbers a point, an offset (star) counted; undefined where there are too few of them: directions need
 * two columns, and a hyperbolic line is a Euclidean one. Products halve the numbers: Euclidean and hyperbolic as one
 * manifold, cosine and hyperbolic as the mixed score of `gyrometric train`, half as much weight on the latter.
 */
export function spaceOf(name: SpaceName, dim: number): Space | undefined {
  const half = Math.floor(dim / 2);
  switch (name) {
    case 'euclidean-hyperbolic':
      return half < 1 || dim - half < 2
        ? undefined
        : product('l2', [plain('euclidean', half), 1], [plain('hyperbolic', dim - half), 1]);
    case 'cosine-hyperbolic':
      return half < 2
        ? undefined
        : product('sum', [plain('cosine', half), 1], [plain('hyperbolic', dim - half), 0.5]);
    default: {
      const star = name.endsWith('+star');
      const columns = dim - (star ? 1 : 0);
      const base = name.replace('+star', '') as Plain;
      if (columns < (base === 'euclidean' ? 1 : 2)) return undefined;
      return star
        ? product('sum', [plain(base, columns), 1], [{ kind: 'star', dim: 1 }, 1])
        : plain(base, columns);
    }
  }
}

/** The arm of `trainTree` with the same distances, angles on a sphere; undefined for products: it has none. */
export function treeArmOf(name: SpaceName): TreeArm | undefined {
  if (name.includes('-')) return undefined;
  const base = name.replace('+star', '') as Plain;
  return { name, space: base === 'cosine' ? 'sphere' : base, star: name.endsWith('+star') };
}

function plain(name: Plain, dim: number): Space {
  return name === 'hyperbolic' ? { kind: 'poincare', dim, curvature: -1 } : { kind: name, dim };
}

function product(combine: 'sum' | 'l2', ...factors: readonly (readonly [Space, number])[]): Space {
  return { kind: 'product', combine, factors: factors.map(([space, weight]) => ({ space, weight })) };
}
