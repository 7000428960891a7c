import { requireInteger, requirePositive } from '../core/checks.js';
import { DomainError, expectation, UsageError } from '../core/errors.js';
import { type Matrix64, matrix } from '../core/matrix.js';
import type { Rng } from '../core/rng.js';
import type { Space } from '../core/space.js';
import { manifoldOf } from './manifold.js';
import { sinK } from './trigonometry.js';

/**
 * Wrapped normal: a normal vector of standard deviation `sigma` in an orthonormal frame at the origin, carried to
 * `mean` by parallel transport, then exp.
 * @param mean columnsOf(space) values @param sigma u, > 0 @param n rows >= 0 @returns [n, columnsOf(space)]
 * @throws DomainError unless sigma > 0, and where exp or transport have no value; UsageError for a space without metric
 * @source Nagano, Yamaguchi, Fujita, Koyama 2019, arXiv:1902.02992, algorithm 1
 */
export function wrappedNormal(
  space: Space,
  mean: ArrayLike<number>,
  sigma: number,
  n: number,
  rng: Rng,
): Matrix64 {
  requirePositive(sigma, 'wrappedNormal sigma');
  requireInteger(n, 0, 'wrappedNormal n');
  const manifold = manifoldOf(space);
  const origin = manifold.origin();
  const data = new Float64Array(n * manifold.columns);
  for (let i = 0; i < n; i++) {
    const u = manifold.frame(Array.from({ length: manifold.dimension }, () => sigma * rng.normal()));
    data.set(manifold.exp(mean, manifold.transport(origin, mean, u)), i * manifold.columns);
  }
  return matrix(data, n, manifold.columns);
}

/**
 * Uniform by volume in the geodesic ball of this radius around the origin of a space of one curvature K <= 0: the
 * radius has density sin_K(r)^(dim - 1). It is drawn as in flat space and kept with probability
 * (sin_K(r) radius / (r sin_K(radius)))^(dim - 1), about 1 / (√-K radius) far out.
 * @param radius u, > 0 @param n rows >= 0 @returns [n, columnsOf(space)]
 * @throws DomainError unless radius > 0 and sin_K(radius) is finite; UsageError for positive curvature, products, and spaces without metric
 * @source Ratcliffe 2019, "Foundations of hyperbolic manifolds", section 3.4, for the volume element
 */
export function uniformInBall(space: Space, radius: number, n: number, rng: Rng): Matrix64 {
  requirePositive(radius, 'uniformInBall radius');
  requireInteger(n, 0, 'uniformInBall n');
  const manifold = manifoldOf(space);
  const K = manifold.curvature.max;
  if (space.kind === 'product' || K > 0) {
    const remedy = 'draw the factors of a product one by one';
    throw new UsageError(expectation('uniformInBall space', 'one factor of curvature <= 0', space, remedy));
  }
  const widest = sinK(radius, K);
  if (!(widest < Number.POSITIVE_INFINITY)) {
    throw new DomainError(
      expectation('uniformInBall radius', 'a finite sphere', radius, 'choose a smaller one'),
    );
  }
  const { dimension, columns } = manifold;
  const data = new Float64Array(n * columns);
  for (let i = 0; i < n; i++) {
    const direction = Array.from({ length: dimension }, () => rng.normal());
    const length = radiusOf() / Math.hypot(...direction);
    const u = manifold.frame(direction.map((value) => value * length));
    data.set(manifold.exp(manifold.origin(), u), i * columns);
  }
  return matrix(data, n, columns);

  function radiusOf(): number {
    for (;;) {
      const r = radius * (1 - rng.uniform()) ** (1 / dimension);
      const kept = ((sinK(r, K) / r) * (radius / widest)) ** (dimension - 1);
      if (rng.uniform() < kept) return r;
    }
  }
}
