import { columnsOf, type Space } from '../../../src/core/space.js';
import * as tf from '../../../src/engine/tf.js';
import { manifoldOn } from '../../../src/manifolds/manifoldOn.js';

/** A flat space, two forms of the hyperbolic one and a product of both geometries. */
export const SPACES: readonly Space[] = [
  { kind: 'euclidean', dim: 3 },
  { kind: 'poincare', dim: 3, curvature: -0.7 },
  { kind: 'lorentz', dim: 3, curvature: -1.3 },
  {
    ...{ kind: 'product', combine: 'l2' },
    factors: [
      { space: { kind: 'euclidean', dim: 1 }, weight: 0.5 },
      { space: { kind: 'poincare', dim: 2, curvature: -1 }, weight: 2 },
    ],
  },
];

export const nameOf = (space: Space): string => (space.kind === 'product' ? 'a product' : space.kind);

/** Coordinates of `count` tangent vectors at the origin of every space of SPACES, [count, 3]. */
export const tangents = (count: number, seed: number): tf.Tensor2D =>
  tf.randomNormal([count, 3], 0, 0.6, 'float32', seed);

/** The points of tangent coordinates. Call inside tidy. */
export function pointsOf(space: Space, coordinates: tf.Tensor): tf.Tensor2D {
  const manifold = manifoldOn(space);
  return manifold.exp0(manifold.frame(coordinates as tf.Tensor2D));
}

/** Distances of the points of tangent coordinates. Call inside tidy. */
export function distancesOf(space: Space, coordinates: tf.Tensor): tf.Tensor2D {
  const points = pointsOf(space, coordinates);
  return manifoldOn(space).pairwise(points, points);
}

/** An isometry that moves the origin: exp at a of what transport makes of log at the origin. Call inside tidy. */
export function moved(space: Space, points: tf.Tensor2D): tf.Tensor2D {
  const manifold = manifoldOn(space);
  const rows = points.shape[0];
  const a = tf.tile(pointsOf(space, tf.tensor2d([[0.4, -0.3, 0.5]])), [rows, 1]) as tf.Tensor2D;
  const origin = tf.tile(manifold.origin(), [rows, 1]) as tf.Tensor2D;
  return manifold.exp(a, manifold.transport(origin, a, manifold.log0(points)));
}

/** Distances of inputs: of random points in six dimensions. */
export const inputDistances = (count: number, seed: number): tf.Tensor2D =>
  tf.tidy(() => {
    const x = tf.randomNormal([count, 6], 0, 1, 'float32', seed) as tf.Tensor2D;
    return manifoldOn({ kind: 'euclidean', dim: 6 }).pairwise(x, x);
  });

export const numbers = (make: () => tf.Tensor): Float64Array =>
  Float64Array.from(tf.tidy(() => make().dataSync()));
export const number = (make: () => tf.Tensor): number => numbers(make)[0];

export { columnsOf };
