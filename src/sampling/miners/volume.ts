import { expectation, UsageError } from '../../core/errors.js';
import type { Space } from '../../core/space.js';

/**
 * Where distances come from: a space, or the chord |x - y| of rows of norm 1 in `dim` columns, which is the Euclidean
 * distance of normalised embeddings.
 */
export type DistanceSource = Space | { readonly kind: 'chord'; readonly dim: number };

/**
 * How much of a space lies at distance r from a point: q(r) = r^exponent * exp(logRatio(r)), up to a constant factor.
 * The ratio is finite at 0, and -Infinity where the space has no such distance.
 */
export interface Volume {
  readonly exponent: number;
  logRatio(r: number): number;
}

/** log q(r), r > 0. */
export function logVolume({ exponent, logRatio }: Volume, r: number): number {
  return exponent * Math.log(r) + logRatio(r);
}

const NODES = 256;

/**
 * Volume by distance: Euclidean r^(n-1); curvature K, dimension n: sin_K(r)^(n-1); chord r^(n-2) (1 - r²/4)^((n-3)/2) of
 * n columns, and cosine the same in d = r²/2; star constant, as a distance to other items comes once on each of its
 * rays. A product's is the convolution of its factors', along Σ w d = r or Σ w d² = r², as its `combine` says: the
 * midpoint rule of 256 nodes, tabulated at 257 distances up to `largest`, and linear in the logarithm between them.
 * @param largest the longest distance that is asked for, > 0
 * @throws UsageError for innerProduct, which has no volume, and for spheres in one column, which are two points
 * @source Wu, Manmatha, Smola, Krähenbühl 2017, arXiv:1706.07567, section 4, for the chord
 */
export function volumeOf(source: DistanceSource, largest: number): Volume {
  switch (source.kind) {
    case 'euclidean':
      return { exponent: source.dim - 1, logRatio: () => 0 };
    case 'poincare':
    case 'lorentz':
    case 'stereographic':
      return curvedVolume(source.dim, source.curvature);
    case 'sphere':
      requireCircle(source.dim);
      return curvedVolume(source.dim - 1, source.curvature);
    case 'chord': {
      requireCircle(source.dim);
      const power = (source.dim - 3) / 2;
      return { exponent: source.dim - 2, logRatio: (r) => times(power, logOf(1 - (r * r) / 4)) };
    }
    case 'cosine': {
      requireCircle(source.dim);
      const power = (source.dim - 3) / 2;
      return { exponent: power, logRatio: (d) => times(power, logOf(2 - d)) };
    }
    case 'star':
      return { exponent: 0, logRatio: () => 0 };
    case 'product': {
      // A distance of a factor counts w d in a sum, and √w d under a root.
      const isSum = source.combine === 'sum';
      return source.factors
        .map(({ space, weight }) => {
          const unit = isSum ? weight : Math.sqrt(weight);
          const { exponent, logRatio } = volumeOf(space, largest / unit);
          return { exponent, logRatio: (r: number) => logRatio(r / unit) };
        })
        .reduce((a, b) => convolved(a, b, isSum, largest));
    }
    case 'innerProduct':
      throw new UsageError(
        expectation(
          'volumeOf',
          'a space with volume',
          source.kind,
          'pass the space that distances come from',
        ),
      );
  }
}

function curvedVolume(dimension: number, K: number): Volume {
  const exponent = dimension - 1;
  return { exponent, logRatio: (r) => times(exponent, logSineRatio(r, K)) };
}

/** log(sin_K(r) / r), finite far out where sinh is not; -Infinity from the far pole on. */
function logSineRatio(r: number, K: number): number {
  const x = Math.sqrt(Math.abs(K)) * r;
  if (!(x > 0)) return 0;
  if (K > 0) return x < Math.PI ? Math.log(Math.sin(x) / x) : Number.NEGATIVE_INFINITY;
  // From 20 on, sinh x is e^x / 2 to the last bit.
  return x > 20 ? x - Math.log(2 * x) : Math.log(Math.sinh(x) / x);
}

/** q(r) = r ∫ q_a(r u) q_b(r v) dt over t, with u = t, v = 1 - t or u = cos t, v = sin t. */
function convolved(a: Volume, b: Volume, isSum: boolean, largest: number): Volume {
  const nodes = Array.from({ length: NODES }, (_, k) => {
    const t = (k + 0.5) / NODES;
    const [u, v] = isSum ? [t, 1 - t] : [Math.cos((t * Math.PI) / 2), Math.sin((t * Math.PI) / 2)];
    return { u, v, log: a.exponent * Math.log(u) + b.exponent * Math.log(v) };
  });
  const table = Float64Array.from({ length: NODES + 1 }, (_, g) => {
    const r = (g / NODES) * largest;
    return logSumExp(nodes.map(({ u, v, log }) => log + a.logRatio(r * u) + b.logRatio(r * v)));
  });
  const logRatio = (r: number): number => {
    const at = (r / largest) * NODES;
    const low = Math.min(Math.floor(at), NODES - 1);
    const share = at - low;
    if (!(table[low] > Number.NEGATIVE_INFINITY && table[low + 1] > Number.NEGATIVE_INFINITY)) {
      return Number.NEGATIVE_INFINITY;
    }
    return table[low] + share * (table[low + 1] - table[low]);
  };
  return { exponent: a.exponent + b.exponent + 1, logRatio };
}

function logSumExp(logs: readonly number[]): number {
  const top = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (top === Number.NEGATIVE_INFINITY) return top;
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0));
}

/** 0 * -Infinity is 0 here: a power of 0 is 1 everywhere. */
function times(power: number, log: number): number {
  return power === 0 ? 0 : power * log;
}

/** -Infinity from 0 down. */
function logOf(value: number): number {
  return value > 0 ? Math.log(value) : Number.NEGATIVE_INFINITY;
}

function requireCircle(columns: number): void {
  if (columns >= 2) return;
  throw new UsageError(
    expectation('volumeOf dim', 'at least 2 columns', columns, 'a sphere in one column is two points'),
  );
}
