import { requireInteger, requireLength, requirePositive } from '../core/checks.js';
import { DomainError, expectation, UsageError } from '../core/errors.js';
import { type Matrix64, matrix } from '../core/matrix.js';
import type { Rng } from '../core/rng.js';
import type { Space } from '../core/space.js';
import { sphereToStereographic } from './conversions.js';
import { type Manifold, manifoldOf } from './manifold.js';
import { byFactor } from './projection.js';
import { factorOf, type Spread } from './spread.js';
import { sinK } from './trigonometry.js';
import { combine, norm, scale } from './vector.js';

/**
 * Wrapped normal: a normal vector in an orthonormal frame at the origin, carried to `mean` by parallel transport, then
 * exp. Its density is wrappedNormalLogDensity.
 * @param mean columnsOf(space) values @param spread of `dimension` axes, in u @param n rows >= 0
 * @returns [n, columnsOf(space)]
 * @throws DomainError for a spread that is none, and where exp or transport have no value; ShapeError for one of another
 *   size; UsageError for a space without metric
 * @source Nagano, Yamaguchi, Fujita, Koyama 2019, arXiv:1902.02992, algorithm 1
 */
export function wrappedNormal(
  space: Space,
  mean: ArrayLike<number>,
  spread: Spread,
  n: number,
  rng: Rng,
): Matrix64 {
  requireInteger(n, 0, 'wrappedNormal n');
  const manifold = manifoldOf(space);
  const factor = factorOf(spread, manifold.dimension, 'wrappedNormal spread');
  const origin = manifold.origin();
  return drawRows(manifold, n, () => {
    const u = manifold.frame(factor.apply(normals(manifold.dimension, rng)));
    return manifold.exp(mean, manifold.transport(origin, mean, u));
  });
}

/**
 * The image under exp at the origin of a normal vector with mean `centre` there, both in an orthonormal frame. Around 0
 * it is the wrapped normal at the origin; around another vector it is not that at exp(centre), as exp does not keep
 * lengths.
 * @param centre `dimension` values, u @param spread of as many axes @returns [n, columnsOf(space)] @throws as wrappedNormal
 */
export function normalFromOrigin(
  space: Space,
  centre: ArrayLike<number>,
  spread: Spread,
  n: number,
  rng: Rng,
): Matrix64 {
  requireInteger(n, 0, 'normalFromOrigin n');
  const manifold = manifoldOf(space);
  requireLength(centre.length, manifold.dimension, 'normalFromOrigin centre');
  const factor = factorOf(spread, manifold.dimension, 'normalFromOrigin spread');
  return drawRows(manifold, n, () => {
    const v = combine(1, centre, 1, factor.apply(normals(manifold.dimension, rng)));
    return manifold.exp(manifold.origin(), manifold.frame(v));
  });
}

/**
 * Uniform by volume on a space of finite volume: a sphere, the stereographic model with K > 0, products of these.
 * @param n rows >= 0 @returns [n, columnsOf(space)] @throws UsageError for a space of infinite volume or without metric
 */
export function uniform(space: Space, n: number, rng: Rng): Matrix64 {
  requireInteger(n, 0, 'uniform n');
  return drawRows(manifoldOf(space), n, () => uniformPoint(space, rng));
}

function uniformPoint(space: Space, rng: Rng): Float64Array {
  if (space.kind === 'product') return byFactor(space.factors, (factor) => uniformPoint(factor, rng));
  if (space.kind === 'sphere') return onSphere(space.dim, space.curvature, rng);
  if (space.kind === 'stereographic' && space.curvature > 0) {
    return sphereToStereographic(onSphere(space.dim + 1, space.curvature, rng), space.curvature);
  }
  const remedy = 'draw from a ball with uniformInBall, or a wrapped normal';
  throw new UsageError(expectation('uniform space', 'spheres, whose volume is finite', space, remedy));
}

function onSphere(columns: number, K: number, rng: Rng): Float64Array {
  const direction = normals(columns, rng);
  return scale(1 / (Math.sqrt(K) * norm(direction)), direction);
}

/**
 * Uniform by volume in the geodesic ball of this radius around the origin. The radius has density sin_K(r)^(dim - 1),
 * whose logarithm is concave: it is drawn from the exponential of a tangent and kept or drawn again, at least about
 * once in √dim times. In a product each factor is drawn from its own ball: the product of balls, no ball of the product.
 * @param radius u (of a product's own metric), > 0; up to π/√K, the whole sphere, for K > 0
 * @param n rows >= 0 @returns [n, columnsOf(space)]
 * @throws DomainError unless radius > 0, sin_K(radius) is finite and the sphere as wide; UsageError for a space without metric
 * @source Ratcliffe 2019, "Foundations of hyperbolic manifolds", section 3.4, for the volume element
 */
export function uniformInBall(space: Space, radius: number, n: number, rng: Rng): Matrix64 {
  requirePositive(radius, 'uniformInBall radius');
  requireInteger(n, 0, 'uniformInBall n');
  return drawRows(manifoldOf(space), n, () => pointInBall(space, radius, rng));
}

function pointInBall(space: Space, radius: number, rng: Rng): Float64Array {
  if (space.kind === 'product') {
    return byFactor(space.factors, (factor, _, __, weight) =>
      pointInBall(factor, radius / Math.sqrt(weight), rng),
    );
  }
  const manifold = manifoldOf(space);
  const K = manifold.curvature.max;
  const widest = K > 0 ? Math.PI / Math.sqrt(K) : Number.POSITIVE_INFINITY;
  if (!(radius <= widest && sinK(radius, K) < Number.POSITIVE_INFINITY)) {
    const expected = K > 0 ? `at most π/√K = ${widest}` : 'a finite sinh(√-K radius)';
    throw new DomainError(expectation('uniformInBall radius', expected, radius, 'choose a smaller one'));
  }
  const direction = normals(manifold.dimension, rng);
  const length = radiusIn(radius, K, manifold.dimension - 1, rng) / norm(direction);
  return manifold.exp(manifold.origin(), manifold.frame(scale(length, direction)));
}

/** A radius in (0, radius] with density sin_K(r)^power. The tangent to its logarithm touches at the end, or at the quarter circle. */
function radiusIn(radius: number, K: number, power: number, rng: Rng): number {
  const quarter = K > 0 ? Math.PI / (2 * Math.sqrt(K)) : Number.POSITIVE_INFINITY;
  const touch = Math.min(radius, quarter);
  const highest = sinK(touch, K);
  const root = Math.sqrt(Math.abs(K));
  const tangent = K > 0 ? root / Math.tan(root * touch) : K < 0 ? root / Math.tanh(root * touch) : 1 / touch;
  const slope = touch < quarter ? power * tangent : 0;
  for (;;) {
    const u = rng.uniform();
    const r = slope > 0 ? radius + Math.log1p(u * Math.expm1(-slope * radius)) / slope : radius * (1 - u);
    if (!(r > 0)) continue;
    const kept = power * Math.log(sinK(r, K) / highest) - slope * (r - touch);
    if (Math.log(1 - rng.uniform()) <= kept) return r;
  }
}

function normals(n: number, rng: Rng): Float64Array {
  return Float64Array.from({ length: n }, () => rng.normal());
}

function drawRows(manifold: Manifold, n: number, draw: () => Float64Array): Matrix64 {
  const data = new Float64Array(n * manifold.columns);
  for (let i = 0; i < n; i++) data.set(draw(), i * manifold.columns);
  return matrix(data, n, manifold.columns);
}
