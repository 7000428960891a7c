import { DomainError, expectation } from '../core/errors.js';
import type { Space } from '../core/space.js';
import * as tf from '../engine/tf.js';
import { checkedManifold, requireCurvature } from './checked.js';
import { ballExp, closedAdd } from './closed/addition.js';
import { isBall } from './closed/closedForm.js';
import { ballLog } from './closed/logarithm.js';
import { ballExp0, ballExp0Within, ballLog0, ballProject } from './closed/radial.js';
import { closedTransport } from './closed/transport.js';
import { defect } from './distance/defect.js';
import { pairwiseDistance } from './distance/pairwise.js';
import { rowDistance } from './distance/rows.js';
import type { Curvature, Manifold } from './manifold.js';
import { requireAlike, rowDot, rowNorm, safeReciprocal, squaredNorm } from './stable.js';
import { atanRatio, chordRatio, secantSquared, signOf, tanRatio } from './trigonometry.js';

// The κ-stereographic model on tensors, row by row: the Poincaré ball for K < 0, twice the Euclidean metric at K = 0,
// the sphere projected from a pole for K > 0, smooth in K through 0. Float64 twin: geometry/stereographic.ts. x, y are
// points, u, v tangent vectors, [n, d] each, or one row for all. Where float64 throws (outside the ball, poles and
// antipodes for K > 0) the rows are NaN, infinite or meaningless. Norms below 1e18. All can be differentiated twice,
// with respect to K too. Where K is a number below 0, the usual case, value and gradient are one op in closed form. With
// Δ = y - x and D = 1 + K|x|² from `defect` the formulas have no sum that cancels near the rim.
// Source: Bachmann, Bécigneul, Ganea 2020, "Constant curvature graph convolutional networks", arXiv:1911.05076.

/**
 * Share of the radius that `project` keeps from the rim. There points are 12.2/√-K from the origin, and rounding of
 * their coordinates moves them by up to 0.01/√-K; beyond, float32 has too few points left to tell distances.
 */
export const BALL_MARGIN = 1e-5;

/**
 * The manifold of a space of this model.
 * @param curvature K, learned where it is a tensor, in place of the space's
 * @throws DomainError for a number that is not finite, or >= 0 in the ball; ShapeError for a tensor that is no scalar
 */
export function stereographic(
  space: Space & { readonly kind: 'stereographic' | 'poincare' },
  curvature: Curvature = space.curvature,
): Manifold {
  const K = curvature;
  if (space.kind === 'poincare' || typeof K !== 'number') requireCurvature(K, -1, space.kind);
  else if (!Number.isFinite(K)) {
    throw new DomainError(
      expectation('stereographic curvature', 'a finite number', K, 'check this argument'),
    );
  }
  return checkedManifold({
    ...{ space, columns: space.dim, dimension: space.dim },
    pairwise: (x, y) => pairwiseDistance(space, x, y, K),
    dist: (x, y) => rowDistance(space, x, y, K),
    inner: (x, u, v) => inner(x, u, v, K),
    exp: (x, u) => exp(x, u, K),
    log: (x, y) => log(x, y, K),
    exp0: (v) => exp0(v, K),
    log0: (x) => log0(x, K),
    transport: (x, y, u) => transport(x, y, u, K),
    project: (x) => project(x, K),
    projectTangent: (_, v) => tf.clone(v),
    egrad2rgrad: (x, g) => egrad2rgrad(x, g, K),
    origin: () => tf.zeros([1, space.dim]),
    frame: (coordinates) => tf.mul(coordinates, 0.5),
  });
}

/** Conformal factor λ_x = 2 / (1 + K|x|²), [n, 1]: a tangent vector u at x has length λ_x |u|. */
export function conformalFactor(x: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return tf.tidy(() => tf.div(2, defect(x, K)));
}

/** Riemannian inner product λ_x² u·v: [n, 1]. */
export function inner(x: tf.Tensor2D, u: tf.Tensor2D, v: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireAlike('inner', x, u, v);
  return tf.tidy(() => tf.mul(tf.square(conformalFactor(x, K)), rowDot(u, v)));
}

/** Riemannian length λ_x |u|: [n, 1]; its gradient at u = 0 is 0. */
export function norm(x: tf.Tensor2D, u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireAlike('norm', x, u);
  return tf.tidy(() => tf.mul(conformalFactor(x, K), rowNorm(u)));
}

/** Distance to the origin, 2 atan_K |x|: [n]; its gradient at the origin is 0. */
export function dist0(x: tf.Tensor2D, K: Curvature): tf.Tensor1D {
  return tf.tidy(() => tf.reshape(tf.mul(rowNorm(log0(x, K)), 2), [-1]));
}

/** x ⊕ y = ((1 - 2K x·y - K|y|²) x + (1 + K|x|²) y) / (1 - 2K x·y + K²|x|²|y|²). */
export function mobiusAdd(x: tf.Tensor2D, y: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireAlike('mobiusAdd', x, y);
  const composed = (p: tf.Tensor2D, q: tf.Tensor2D) => sum(p, q, K, defect(q, K));
  return tf.tidy(() => (typeof K === 'number' ? closedAdd(x, y, K, composed) : composed(x, y)));
}

/** x ⊕ y from S = x + y: (D_x S - K|S|² x) / (D_x D_y - K|S|²). */
function sum(x: tf.Tensor2D, y: tf.Tensor2D, K: Curvature, ofY: tf.Tensor): tf.Tensor2D {
  const ofX = defect(x, K);
  const S = tf.add(x, y) as tf.Tensor2D;
  const bend = tf.mul(squaredNorm(S), K);
  return tf.div(tf.sub(tf.mul(S, ofX), tf.mul(x, bend)), tf.sub(tf.mul(ofX, ofY), bend));
}

/** Exponential map at x, x ⊕ tan_K(λ_x |u| / 2) u / |u|. For K < 0 it rounds to the rim far out; see `project`. */
export function exp(x: tf.Tensor2D, u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireAlike('exp', x, u);
  const composed = (p: tf.Tensor2D, v: tf.Tensor2D) => {
    const ofX = defect(p, K);
    const w = tf.mul(tf.div(squaredNorm(v), tf.square(ofX)), K);
    const y = tf.mul(v, tf.div(tanRatio(w, signOf(K)), ofX)) as tf.Tensor2D;
    return sum(p, y, K, secantSquared(w, signOf(K)));
  };
  return tf.tidy(() => (isBall(K) ? ballExp(x, u, K, composed) : composed(x, u)));
}

/** exp at the origin: tan_K(|u|) u / |u|. */
export function exp0(u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  const composed = (v: tf.Tensor2D): tf.Tensor2D => tf.mul(v, tanRatio(tf.mul(squaredNorm(v), K), signOf(K)));
  return tf.tidy(() => (isBall(K) ? ballExp0(u, K, composed) : composed(u)));
}

/** project(exp0(u)), as one op where K is a number. */
export function exp0Within(u: tf.Tensor2D, K: Curvature, margin = BALL_MARGIN): tf.Tensor2D {
  const composed = (v: tf.Tensor2D) => project(exp0(v, K), K, margin);
  return tf.tidy(() => (isBall(K) ? ballExp0Within(u, K, margin, composed) : composed(u)));
}

/**
 * Inverse of exp: the tangent vector at x, of Riemannian length dist(x, y), that points to y. With w = sin² of half the
 * distance, K|Δ|² / (D_x D_y), it is asin √w / √(w (1 - w)) (D_x Δ + K|Δ|² x) / D_y.
 */
export function log(x: tf.Tensor2D, y: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireAlike('log', x, y);
  const composed = (p: tf.Tensor2D, q: tf.Tensor2D): tf.Tensor2D => {
    const [ofX, ofY] = [defect(p, K), defect(q, K)];
    const delta = tf.sub(q, p) as tf.Tensor2D;
    const bend = tf.mul(squaredNorm(delta), K);
    const toward = tf.add(tf.mul(delta, ofX), tf.mul(p, bend));
    return tf.mul(toward, tf.div(chordRatio(tf.div(bend, tf.mul(ofX, ofY)), signOf(K)), ofY));
  };
  return tf.tidy(() => (isBall(K) ? ballLog(x, y, K, composed) : composed(x, y)));
}

/** Inverse of exp0: half the distance to the origin, in the direction of x. */
export function log0(x: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  const composed = (p: tf.Tensor2D): tf.Tensor2D =>
    tf.mul(p, atanRatio(tf.mul(squaredNorm(p), K), defect(p, K), signOf(K)));
  return tf.tidy(() => (isBall(K) ? ballLog0(x, K, composed) : composed(x)));
}

/** A number for all rows, or one a row, [n, 1]. */
export type Share = number | tf.Scalar | tf.Tensor2D;

/** The points at share t of the ways from x (t = 0) to y (t = 1); beyond both for other t. */
export function geodesic(t: Share, x: tf.Tensor2D, y: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return tf.tidy(() => exp(x, tf.mul(log(x, y, K), t), K));
}

/** The points at distance t (u, the unit of 1/√|K|) from x in the direction of u; x itself for u = 0. */
export function geodesicUnit(t: Share, x: tf.Tensor2D, u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return tf.tidy(() => exp(x, tf.mul(tf.mul(u, safeReciprocal(norm(x, u, K))), t), K));
}

/** x + u, projected: the first-order stand-in for exp. */
export function retract(x: tf.Tensor2D, u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireAlike('retract', x, u);
  return tf.tidy(() => project(tf.add(x, u), K));
}

/** Parallel transport of u from x to y along the shorter geodesic, (λ_x / λ_y) gyr[y, -x] u. */
export function transport(x: tf.Tensor2D, y: tf.Tensor2D, u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireAlike('transport', x, y, u);
  const composed = (from: tf.Tensor2D, to: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor2D =>
    tf.mul(turn(from, to, v, K), tf.div(defect(to, K), defect(from, K)));
  return tf.tidy(() => (typeof K === 'number' ? closedTransport(x, y, u, K, composed) : composed(x, y, u)));
}

/** gyr[y, -x] u, summed from Δ. */
export function turn(x: tf.Tensor2D, y: tf.Tensor2D, u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireAlike('transport', x, y, u);
  return tf.tidy(() => {
    const ofX = defect(x, K);
    const delta = tf.sub(y, x) as tf.Tensor2D;
    const bend = tf.mul(squaredNorm(delta), K);
    const [kxu, kdu] = [tf.mul(rowDot(x, u), K), tf.mul(rowDot(delta, u), K)];
    const twiceKxd = tf.mul(tf.mul(rowDot(x, delta), K), 2);
    const ofDelta = tf.sub(tf.mul(kxu, tf.add(ofX, twiceKxd)), tf.mul(kdu, tf.mul(squaredNorm(x), K)));
    const ofPoint = tf.add(tf.mul(kdu, ofX), tf.mul(kxu, bend));
    const turned = tf.sub(tf.mul(delta, ofDelta), tf.mul(x, ofPoint));
    const denominator = tf.sub(tf.mul(ofX, defect(y, K)), bend);
    return tf.add(u, tf.mul(turned, tf.div(2, denominator)));
  });
}

/** Parallel transport of u from the origin to y, (1 + K|y|²) u. */
export function transport0(y: tf.Tensor2D, u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireAlike('transport0', y, u);
  return tf.tidy(() => tf.mul(u, defect(y, K)));
}

/** Parallel transport of u from y to the origin, the inverse of transport0. */
export function transport0Back(y: tf.Tensor2D, u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireAlike('transport0Back', y, u);
  return tf.tidy(() => tf.div(u, defect(y, K)));
}

/** Euclidean gradient at x to Riemannian gradient: g / λ_x². */
export function egrad2rgrad(x: tf.Tensor2D, g: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireAlike('egrad2rgrad', x, g);
  return tf.tidy(() => tf.mul(g, tf.square(tf.mul(defect(x, K), 0.5))));
}

/**
 * Rows farther out than (1 - margin)/√-K are scaled back to that norm; others, and all for K >= 0, stay as they are.
 * The gradient is that of this map: what moves a row along the sphere it was scaled to passes, what moves it outward not.
 * @param margin share of the radius, in (0, 1) @throws DomainError for another
 */
export function project(x: tf.Tensor2D, K: Curvature, margin = BALL_MARGIN): tf.Tensor2D {
  if (!(margin > 0 && margin < 1)) {
    throw new DomainError(
      expectation('project margin', 'a number in (0, 1)', margin, 'it is a share of the radius'),
    );
  }
  if (typeof K === 'number' && K >= 0) return tf.clone(x);
  const composed = (p: tf.Tensor2D): tf.Tensor2D => {
    const excess = tf.mul(squaredNorm(p), tf.mul(K, -1 / (1 - margin) ** 2));
    return tf.div(p, tf.sqrt(tf.maximum(excess, 1)));
  };
  return tf.tidy(() => (isBall(K) ? ballProject(x, K, margin, composed) : composed(x)));
}

/**
 * The point opposite to x on the sphere, -x / (K|x|²); infinite for the origin, whose antipode is the pole.
 * @throws DomainError for a number K <= 0: only a sphere has antipodes
 */
export function antipode(x: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireCurvature(K, 1, 'antipode');
  return tf.tidy(() => tf.div(x, tf.mul(squaredNorm(x), tf.mul(K, -1))));
}
