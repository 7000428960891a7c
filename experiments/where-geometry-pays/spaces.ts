import { conversions, manifoldOn, normalizeRows, type Space, type TreeArm, tf } from '../../src/index.js';

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

/** How outputs of a network become points that train, and those points what is stored. */
export interface Chart {
  /** As it trains: hyperboloids, which have no rim. */
  readonly trained: Space;
  /** As an index has it: balls, one number a dimension. */
  readonly stored: Space;
  /** Numbers that a point is made of. */
  readonly outputs: number;
  /** [n, outputs] -> [n, columns of trained] */
  toPoints(outputs: tf.Tensor2D): tf.Tensor2D;
  /** [n, outputs] -> [n, columns of stored], as many as `outputs` */
  toStored(outputs: tf.Tensor2D): tf.Tensor2D;
}

export type DistanceKind = 'angles' | 'euclidean' | 'hyperbolic';

/** What the scale of distances, and so of temperatures, depends on. */
export function distanceKind(name: SpaceName): DistanceKind {
  if (name.startsWith('cosine')) return 'angles';
  return name.startsWith('hyperbolic') ? 'hyperbolic' : 'euclidean';
}

/**
 * A space of `dim` numbers a point, an offset counted; undefined where there are too few of them: directions need two
 * columns, and a hyperbolic line is a Euclidean one. Products halve the numbers: Euclidean and hyperbolic as one manifold,
 * cosine and hyperbolic as the mixed score of `gyrometric train`, half as much weight on the latter.
 */
export function chartOf(name: SpaceName, dim: number): Chart | undefined {
  const half = Math.floor(dim / 2);
  switch (name) {
    case 'euclidean-hyperbolic':
      return half < 2 ? undefined : product('l2', [flat(half), ball(dim - half)], [1, 1]);
    case 'cosine-hyperbolic':
      return half < 2 ? undefined : product('sum', [angle(half), ball(dim - half)], [1, 0.5]);
    default: {
      const star = name.endsWith('+star');
      const columns = dim - (star ? 1 : 0);
      const base = name.replace('+star', '') as 'euclidean' | 'cosine' | 'hyperbolic';
      if (columns < (base === 'euclidean' ? 1 : 2)) return undefined;
      const chart = { euclidean: flat, cosine: angle, hyperbolic: ball }[base](columns);
      return star ? product('sum', [chart, offset()], [1, 1]) : chart;
    }
  }
}

/** The arm of `trainTree` with the same distances, angles on a sphere; undefined for products: it has none. */
export function treeArmOf(name: SpaceName): TreeArm | undefined {
  if (name.includes('-')) return undefined;
  const space = name.startsWith('euclidean')
    ? 'euclidean'
    : name.startsWith('cosine')
      ? 'sphere'
      : 'hyperbolic';
  return { name, space, star: name.endsWith('+star') };
}

function flat(dim: number): Chart {
  const space = { kind: 'euclidean', dim } as const;
  const same = (v: tf.Tensor2D) => tf.clone(v);
  return { trained: space, stored: space, outputs: dim, toPoints: same, toStored: same };
}

function angle(dim: number): Chart {
  const space = { kind: 'cosine', dim } as const;
  return { trained: space, stored: space, outputs: dim, toPoints: normalizeRows, toStored: normalizeRows };
}

function ball(dim: number): Chart {
  const trained = { kind: 'lorentz', dim, curvature: -1 } as const;
  const manifold = manifoldOn(trained);
  const toPoints = (v: tf.Tensor2D) => manifold.exp0(manifold.frame(v));
  return {
    trained,
    stored: { ...trained, kind: 'poincare' },
    outputs: dim,
    toPoints,
    toStored: (v) => conversions.lorentzToPoincare(toPoints(v), -1),
  };
}

function offset(): Chart {
  const space = { kind: 'star', dim: 1 } as const;
  const positive = (v: tf.Tensor2D) => tf.softplus(v);
  return { trained: space, stored: space, outputs: 1, toPoints: positive, toStored: positive };
}

function product(combine: 'sum' | 'l2', charts: readonly Chart[], weights: readonly number[]): Chart {
  const space = (which: 'trained' | 'stored'): Space => ({
    kind: 'product',
    combine,
    factors: charts.map((chart, f) => ({ space: chart[which], weight: weights[f] })),
  });
  const widths = charts.map(({ outputs }) => outputs);
  const each = (map: 'toPoints' | 'toStored') => (v: tf.Tensor2D) => {
    const parts = tf.split<tf.Tensor2D>(v, widths, 1);
    return tf.concat(
      charts.map((chart, f) => chart[map](parts[f])),
      1,
    );
  };
  return {
    trained: space('trained'),
    stored: space('stored'),
    outputs: widths.reduce((sum, width) => sum + width, 0),
    toPoints: each('toPoints'),
    toStored: each('toStored'),
  };
}
