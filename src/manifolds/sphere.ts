import type { Space } from '../core/space.js';
import * as tf from '../engine/tf.js';
import { checkedManifold, requireCurvature } from './checked.js';
import { pairwiseDistance } from './distance/pairwise.js';
import { rowDistance } from './distance/rows.js';
import type { Curvature, Manifold } from './manifold.js';
import { rowDot, squaredNorm } from './stable.js';
import { atanRatio, cosine, sinRatio } from './trigonometry.js';

/**
 * The sphere |x| = 1/√K on tensors, K > 0; tangent vectors at x are orthogonal to x; the origin is on the last axis.
 * `log` and `transport` are NaN between antipodes, and `project` at zero, where float64 throws.
 * @param curvature K, learned where it is a tensor @throws DomainError for a number <= 0
 * @source Absil, Mahony, Sepulchre 2008, "Optimization algorithms on matrix manifolds", chapters 3 to 5, 8
 */
export function sphere(
  space: Space & { readonly kind: 'sphere' },
  curvature: Curvature = space.curvature,
): Manifold {
  requireCurvature(curvature, 1, 'sphere');
  const K = curvature;
  const columns = space.dim;
  const origin = () =>
    tf.pad(tf.reshape(radius(K), [1, 1]), [
      [0, 0],
      [columns - 1, 0],
    ]) as tf.Tensor2D;
  return checkedManifold({
    ...{ space, columns, dimension: columns - 1 },
    pairwise: (x, y, options) => pairwiseDistance(space, x, y, K, options),
    dist: (x, y) => rowDistance(space, x, y, K),
    inner: (_, u, v) => rowDot(u, v),
    exp: (x, u) => exp(x, u, K),
    log,
    exp0: (v) => exp(origin(), v, K),
    log0: (x) => log(origin(), x),
    transport,
    project: (x) => project(x, K),
    projectTangent: (x, v) => projectTangent(x, v, K),
    egrad2rgrad: (x, g) => projectTangent(x, g, K),
    origin,
    frame: (coordinates) =>
      tf.pad(coordinates, [
        [0, 0],
        [0, 1],
      ]),
  });
}

/** cos(√K |u|) x + sin(√K |u|) u / (√K |u|), and back onto the sphere, so that rounding does not add up. */
function exp(x: tf.Tensor2D, u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  const angle = tf.mul(squaredNorm(u), K);
  return project(tf.add(tf.mul(x, cosine(angle, 1)), tf.mul(u, sinRatio(angle, 1))), K);
}

/**
 * With Δ = y - x, σ = x + y and w = |Δ|² / |σ|² = tan²(θ/2): atan(√w)/√w (Δ + w σ). Nothing cancels, neither between
 * close points nor next to the antipode.
 */
function log(x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D {
  const [delta, sigma] = [tf.sub(y, x) as tf.Tensor2D, tf.add(x, y) as tf.Tensor2D];
  const w = tf.div(squaredNorm(delta), squaredNorm(sigma));
  return tf.mul(tf.add(delta, tf.mul(sigma, w)), atanRatio(w, tf.add(w, 1), 1));
}

/** u - 2 (σ·u) σ / |σ|², σ = x + y. */
function transport(x: tf.Tensor2D, y: tf.Tensor2D, u: tf.Tensor2D): tf.Tensor2D {
  const sigma: tf.Tensor2D = tf.add(x, y);
  return tf.sub(u, tf.mul(sigma, tf.div(tf.mul(rowDot(sigma, u), 2), squaredNorm(sigma))));
}

function project(x: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return tf.mul(x, tf.div(radius(K), tf.sqrt(squaredNorm(x))));
}

function projectTangent(x: tf.Tensor2D, v: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return tf.sub(v, tf.mul(x, tf.mul(rowDot(x, v), K)));
}

function radius(K: Curvature): tf.Tensor {
  return tf.rsqrt(K);
}
