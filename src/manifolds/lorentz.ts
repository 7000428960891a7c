import type { Space } from '../core/space.js';
import * as tf from '../engine/tf.js';
import { checkedManifold, requireCurvature } from './checked.js';
import { pairwiseDistance } from './distance/pairwise.js';
import { rowDistance } from './distance/rows.js';
import type { Curvature, Manifold } from './manifold.js';
import { rowDot, squaredNorm } from './stable.js';
import { asinRatio, cosine, sinRatio } from './trigonometry.js';

/**
 * The hyperboloid <x, x> = -1/c on tensors, c = -K > 0, [n, dim + 1], time first. The time of a result, point or
 * tangent vector, is always taken from its space columns, so that rounding never carries it off. float32 resolves
 * 2^-24 e^(√c d) of a length at distance d from the origin in coordinates, and the square of e^(√c d) in distances.
 * @param curvature K, learned where it is a tensor @throws DomainError for a number >= 0
 * @source Nickel and Kiela 2018, arXiv:1806.03417
 */
export function lorentz(
  space: Space & { readonly kind: 'lorentz' },
  curvature: Curvature = space.curvature,
): Manifold {
  requireCurvature(curvature, -1, 'lorentz');
  const K = curvature;
  const dist = (x: tf.Tensor2D, y: tf.Tensor2D) => rowDistance(space, x, y, K);
  return checkedManifold({
    ...{ space, columns: space.dim + 1, dimension: space.dim },
    pairwise: (x, y, options) => pairwiseDistance(space, x, y, K, options),
    dist,
    inner: (x, u, v) => {
      const atOrigin = toOrigin(x, u, K);
      return rowDot(atOrigin, u === v ? atOrigin : toOrigin(x, v, K));
    },
    exp: (x, u) => exp(x, u, K),
    log: (x, y) => log(x, y, dist(x, y), K),
    exp0: (v) => lift(tf.mul(rest(v), sinRatio(tf.mul(squaredNorm(rest(v)), K), -1)), K),
    log0: (x) => frame(tf.mul(rest(x), asinRatio(tf.mul(squaredNorm(rest(x)), K), -1))),
    transport: (x, y, u) => transport(x, y, u, dist(x, y), K),
    project: (x) => lift(rest(x), K),
    projectTangent: (x, v) => tangentPart(x, v, 1, K),
    egrad2rgrad: (x, g) => tangentPart(x, g, -1, K),
    origin: () => lift(tf.zeros([1, space.dim]), K),
    frame,
  });
}

/** Squared lengths below this are moved up to it where they only give a direction; its own square is a float32 still. */
const TINY_SQUARE = 1e-18;

/** The point above the space coordinates v, [n, d]. */
export function lift(v: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return tf.concat([timeOf(v, K), v], 1);
}

/**
 * The space columns of u, tangent at x, transported to the origin: across the direction of x as they are, along it
 * divided by √c x0. Inner products there are Euclidean, and nothing of a time is subtracted. Taken twice, the part
 * along x leaves none of its rounding across, where it would count √c x0 times.
 */
function toOrigin(x: tf.Tensor2D, u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  const [at, v] = [rest(x), rest(u)];
  const squared = squaredNorm(at);
  const direction = tf.div(at, tf.maximum(squared, TINY_SQUARE));
  const along = tf.mul(direction, rowDot(at, v));
  const nearlyAcross = tf.sub(v, along) as tf.Tensor2D;
  const more = tf.mul(direction, rowDot(at, nearlyAcross));
  const shrink = tf.rsqrt(tf.sub(1, tf.mul(squared, K)));
  return tf.add(tf.sub(nearlyAcross, more), tf.mul(tf.add(along, more), shrink));
}

/** cosh(√c |u|) x + sinh(√c |u|) u / (√c |u|). */
function exp(x: tf.Tensor2D, u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  const w = tf.mul(squaredNorm(toOrigin(x, u, K)), K);
  return lift(tf.add(tf.mul(rest(x), cosine(w, -1)), tf.mul(rest(u), sinRatio(w, -1))), K);
}

/** The part of y tangent at x is Δ - 2 sinh²(t/2) x, Δ = y - x, t = √c d, of length sinh(t) / √c. */
function log(x: tf.Tensor2D, y: tf.Tensor2D, d: tf.Tensor1D, K: Curvature): tf.Tensor2D {
  const w = tf.mul(tf.square(tf.expandDims(d, 1)), K);
  const back = tf.mul(tf.square(sinRatio(tf.mul(w, 0.25), -1)), tf.mul(w, 0.5));
  const toward = tf.add(tf.sub(rest(y), rest(x)), tf.mul(rest(x), back));
  return tangentOver(x, tf.div(toward, sinRatio(w, -1)), K);
}

/** u + c <y - x, u> / (2 cosh²(t/2)) (x + y), t = √c d. */
function transport(
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  u: tf.Tensor2D,
  d: tf.Tensor1D,
  K: Curvature,
): tf.Tensor2D {
  const [at, to, v] = [rest(x), rest(y), rest(u)];
  const [delta, sum] = [tf.sub(to, at) as tf.Tensor2D, tf.add(at, to) as tf.Tensor2D];
  const time = timeOf(at, K);
  // The difference of the times without cancellation, and the time of u.
  const later = tf.div(rowDot(delta, sum), tf.add(time, timeOf(to, K)));
  const ahead = tf.sub(rowDot(delta, v), tf.mul(later, tf.div(rowDot(at, v), time)));
  const cosh = cosine(tf.mul(tf.square(tf.expandDims(d, 1)), tf.mul(K, 0.25)), -1);
  const share = tf.div(tf.mul(ahead, tf.mul(K, -0.5)), tf.square(cosh));
  return tangentOver(y, tf.add(v, tf.mul(sum, share)), K);
}

/** h + c <x, h> x, where h is v with its time multiplied by `sign`. */
function tangentPart(x: tf.Tensor2D, v: tf.Tensor2D, sign: 1 | -1, K: Curvature): tf.Tensor2D {
  const [at, h] = [rest(x), rest(v)];
  const time = tf.mul(tf.slice(v, [0, 0], [-1, 1]), sign);
  const product = tf.sub(rowDot(at, h), tf.mul(timeOf(at, K), time));
  return tangentOver(x, tf.sub(h, tf.mul(at, tf.mul(product, K))), K);
}

/** The tangent vector at x with the space columns v: its time is x·v / x0. */
function tangentOver(x: tf.Tensor2D, v: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  const at = rest(x);
  return tf.concat([tf.div(rowDot(at, v), timeOf(at, K)) as tf.Tensor2D, v], 1);
}

/** √(1/c + |v|²), [n, 1]. */
function timeOf(v: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return tf.sqrt(tf.sub(squaredNorm(v), tf.reciprocal(K)));
}

function frame(coordinates: tf.Tensor2D): tf.Tensor2D {
  return tf.pad(coordinates, [
    [0, 0],
    [1, 0],
  ]);
}

function rest(x: tf.Tensor2D): tf.Tensor2D {
  return tf.slice(x, [0, 1], [-1, -1]);
}
