import { DomainError, expectation, UsageError } from '../core/errors.js';
import { columnsOf, type Space } from '../core/space.js';
import { distance } from './distance.js';
import * as lorentz from './lorentz.js';
import { productManifold } from './productManifold.js';
import * as sphere from './sphere.js';
import * as stereographic from './stereographic.js';
import { combine, norm, scale } from './vector.js';

type Values = ArrayLike<number>;

/** A Riemannian manifold in float64, for what is written once for all spaces. Points and tangents: `columns` values. */
export interface Manifold {
  readonly space: Space;
  readonly columns: number;
  /** How many numbers a tangent vector needs: one less than the columns of a sphere or hyperboloid. */
  readonly dimension: number;
  /** Bounds of the sectional curvatures, 1/u². */
  readonly curvature: { readonly min: number; readonly max: number };
  dist(x: Values, y: Values): number;
  /** Riemannian length of the tangent vector u at x. */
  norm(x: Values, u: Values): number;
  exp(x: Values, u: Values): Float64Array;
  log(x: Values, y: Values): Float64Array;
  /** Parallel transport of u from x to y along the shortest geodesic. */
  transport(x: Values, y: Values, u: Values): Float64Array;
  /** Euclidean gradient at x to Riemannian gradient. */
  egrad2rgrad(x: Values, g: Values): Float64Array;
  origin(): Float64Array;
  /** The tangent vector at the origin with these coordinates in an orthonormal frame, `dimension` values. */
  frame(coordinates: Values): Float64Array;
}

/**
 * The manifold of a space; of a product with combine "l2", whose metric is Σ w_i g_i.
 * @throws UsageError for a space that is no Riemannian manifold: cosine, innerProduct, star, a product with "sum"
 */
export function manifoldOf(space: Space): Manifold {
  const dist = (x: Values, y: Values) => distance(space, x, y);
  const columns = columnsOf(space);
  switch (space.kind) {
    case 'euclidean':
      return {
        ...{ space, columns, dimension: space.dim, curvature: { min: 0, max: 0 }, dist },
        norm: (_, u) => norm(u),
        exp: (x, u) => combine(1, x, 1, u),
        log: (x, y) => combine(1, y, -1, x),
        transport: (_, __, u) => Float64Array.from(u),
        egrad2rgrad: (_, g) => Float64Array.from(g),
        origin: () => new Float64Array(columns),
        frame: (v) => Float64Array.from(v),
      };
    case 'sphere': {
      const K = space.curvature;
      return {
        ...{ space, columns, dimension: space.dim - 1, curvature: { min: K, max: K }, dist },
        norm: (_, u) => norm(u),
        exp: (x, u) => sphere.exp(x, u, K),
        log: (x, y) => sphere.log(x, y, K),
        transport: (x, y, u) => sphere.transport(x, y, u, K),
        egrad2rgrad: (x, g) => sphere.egrad2rgrad(x, g, K),
        origin: () => new Float64Array(columns).fill(1 / Math.sqrt(K), columns - 1),
        frame: (v) => Float64Array.of(...Array.from(v), 0),
      };
    }
    case 'lorentz': {
      const K = space.curvature;
      return {
        ...{ space, columns, dimension: space.dim, curvature: { min: K, max: K }, dist },
        norm: (x, u) => lorentz.tangentNorm(x, u, -K),
        exp: (x, u) => lorentz.exp(x, u, -K),
        log: (x, y) => lorentz.log(x, y, -K),
        transport: (x, y, u) => lorentz.transport(x, y, u, -K),
        egrad2rgrad: (x, g) => lorentz.egrad2rgrad(x, g, -K),
        origin: () => lorentz.lift(new Float64Array(space.dim), -K),
        frame: (v) => Float64Array.of(0, ...Array.from(v)),
      };
    }
    case 'poincare':
    case 'stereographic': {
      const K = space.curvature;
      return {
        ...{ space, columns, dimension: space.dim, curvature: { min: K, max: K }, dist },
        norm: (x, u) => stereographic.conformalFactor(x, K) * norm(u),
        exp: (x, u) => stereographic.exp(x, u, K),
        log: (x, y) => stereographic.log(x, y, K),
        transport: (x, y, u) => stereographic.transport(x, y, u, K),
        egrad2rgrad: (x, g) => stereographic.egrad2rgrad(x, g, K),
        origin: () => new Float64Array(columns),
        frame: (v) => scale(0.5, v),
      };
    }
    case 'product':
      if (space.combine === 'l2') return productManifold(space, manifoldOf);
      return refuse('a product with combine "l2"', 'product with combine "sum"');
    case 'cosine':
    case 'innerProduct':
    case 'star':
      return refuse('euclidean, sphere, poincare, lorentz, stereographic or a product', space.kind);
  }
}

function refuse(expected: string, got: string): never {
  throw new UsageError(
    expectation('manifold', expected, got, 'its distance comes from no Riemannian metric'),
  );
}

/** The point at share t of the shortest way from x (t = 0) to y (t = 1); beyond both for other t. @throws as log and exp */
export function geodesic(manifold: Manifold, t: number, x: Values, y: Values): Float64Array {
  return manifold.exp(x, scale(t, manifold.log(x, y)));
}

/**
 * The point at distance t from x, u, on the geodesic that leaves x in the direction of the tangent vector u.
 * @throws DomainError for a zero vector, which has no direction
 */
export function geodesicUnit(manifold: Manifold, t: number, x: Values, u: Values): Float64Array {
  const length = manifold.norm(x, u);
  if (length > 0) return manifold.exp(x, scale(t / length, u));
  throw new DomainError(
    expectation('geodesicUnit u', 'a vector other than zero', length, 'pass a direction'),
  );
}

/** Distance to the origin of the space, u. */
export function dist0(manifold: Manifold, x: Values): number {
  return manifold.dist(manifold.origin(), x);
}
