import { columnsOf, type Space } from '../core/space.js';
import { type Manifold, manifoldOf } from './manifold.js';
import { slice } from './projection.js';
import { factorOf, type Spread } from './spread.js';
import { sinK } from './trigonometry.js';
import { dot } from './vector.js';

/**
 * log of the density of wrappedNormal by volume: that of the normal at the vector that leads from the mean to x, less
 * (dim - 1) log(sin_K(r) / r), by which exp stretches volume at distance r; in a product, of each factor. For K > 0 that
 * vector is the shortest; the longer ones, round the sphere, are left out, and with them as much of the probability as
 * the normal has beyond π/√K.
 * @param mean, x columnsOf(space) values @param spread of `dimension` axes, in u, as it was for wrappedNormal
 * @returns nats, of a density in 1/u^dimension
 * @throws DomainError for a spread that is none, and where log or transport have no value; ShapeError for one of another
 *   size; UsageError for a space without metric
 * @source Nagano, Yamaguchi, Fujita, Koyama 2019, arXiv:1902.02992, eq. 12; Skopek, Ganea, Bécigneul 2020,
 *   arXiv:1911.08411, for K > 0 and products
 */
export function wrappedNormalLogDensity(
  space: Space,
  mean: ArrayLike<number>,
  spread: Spread,
  x: ArrayLike<number>,
): number {
  const manifold = manifoldOf(space);
  const factor = factorOf(spread, manifold.dimension, 'wrappedNormalLogDensity spread');
  const u = manifold.log(mean, x);
  const v = coordinatesOf(manifold, manifold.transport(mean, manifold.origin(), u));
  return factor.logDensity(v) - logStretch(space, mean, u);
}

/** Inverse of the manifold's frame. Its axes are orthogonal as plain vectors too, in every space. */
function coordinatesOf(manifold: Manifold, u: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: manifold.dimension }, (_, i) => {
    const axis = manifold.frame(new Float64Array(manifold.dimension).fill(1, i, i + 1));
    return dot(axis, u) / dot(axis, axis);
  });
}

/** log of the factor by which exp at x stretches volume at the tangent vector u. */
function logStretch(space: Space, x: ArrayLike<number>, u: ArrayLike<number>): number {
  if (space.kind !== 'product') {
    const manifold = manifoldOf(space);
    return (manifold.dimension - 1) * logSineRatio(manifold.norm(x, u), manifold.curvature.max);
  }
  let from = 0;
  return space.factors.reduce((sum, factor) => {
    const to = from + columnsOf(factor.space);
    const part = logStretch(factor.space, slice(x, from, to), slice(u, from, to));
    from = to;
    return sum + part;
  }, 0);
}

/** log(sin_K(r) / r), finite far out, where sinh is not. */
function logSineRatio(r: number, K: number): number {
  if (!(r > 0)) return 0;
  const t = K < 0 ? Math.sqrt(-K) * r : 0;
  // From 20 on, sinh t is e^t / 2 to the last bit.
  return t > 20 ? t - Math.log(2 * t) : Math.log(sinK(r, K) / r);
}
