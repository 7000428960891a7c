import * as tf from '../engine/tf.js';
import { requireCurvature } from './checked.js';
import { defect } from './distance/defect.js';
import { lift } from './lorentz.js';
import type { Curvature } from './manifold.js';
import { squaredNorm } from './stable.js';

// One point in the coordinates of several models, row by row; the float64 twins, with c = -K as argument, are
// geometry/conversions.ts. All maps are isometries and differentiable in the points and in K where that is a tensor.
// A point outside its model gives NaN or a point outside the other: tensors are not looked at. A number K of the wrong
// sign throws DomainError, another number of columns is the caller's to see.
// Source: Cannon, Floyd, Kenyon, Parry 1997, "Hyperbolic geometry", section 7; Ratcliffe 2019, chapters 4 and 6.

/** Ball to hyperboloid, the space columns being λ p. @param p [n, d] @param K < 0 @returns [n, d + 1], time first */
export function poincareToLorentz(p: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireCurvature(K, -1, 'poincareToLorentz');
  return tf.tidy(() => lift(tf.mul(p, tf.div(2, defect(p, K))), K));
}

/** Hyperboloid to ball, rest / (1 + √c x0). @param x [n, d + 1], time first @param K < 0 @returns [n, d] */
export function lorentzToPoincare(x: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireCurvature(K, -1, 'lorentzToPoincare');
  return tf.tidy(() => {
    const time = tf.mul(tf.slice(x, [0, 0], [-1, 1]), tf.sqrt(negated(K)));
    return tf.div(tf.slice(x, [0, 1], [-1, -1]), tf.add(time, 1));
  });
}

/** 2p / (1 + c|p|²). @param p [n, d] in the ball @param K < 0 @returns [n, d] in Klein's ball of the same radius */
export function poincareToKlein(p: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireCurvature(K, -1, 'poincareToKlein');
  return tf.tidy(() => tf.div(tf.mul(p, 2), tf.sub(2, defect(p, K))));
}

/** k / (1 + √(1 - c|k|²)). @param k [n, d] in Klein's ball @param K < 0 @returns [n, d] */
export function kleinToPoincare(k: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireCurvature(K, -1, 'kleinToPoincare');
  return tf.tidy(() => tf.div(k, tf.add(tf.sqrt(defect(k, K)), 1)));
}

/**
 * The upper half-space with metric |dx|² / (c x_d²), its last coordinate > 0; with q = √c p,
 * (2 q_1, ..., 2 q_{d-1}, 1 - |q|²) / |q - e_d|². @param p [n, d] in the ball @param K < 0 @returns [n, d], pure numbers
 */
export function poincareToHalfSpace(p: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireCurvature(K, -1, 'poincareToHalfSpace');
  return tf.tidy(() => {
    const [base, last] = lastApart(tf.mul(p, tf.sqrt(negated(K))));
    const fromPole = tf.add(squaredNorm(base), tf.square(tf.sub(1, last)));
    return tf.div(tf.concat([tf.mul(base, 2), defect(p, K)], 1), fromPole);
  });
}

/** Inverse of poincareToHalfSpace. @param x [n, d], last coordinate > 0 @param K < 0 @returns [n, d] */
export function halfSpaceToPoincare(x: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireCurvature(K, -1, 'halfSpaceToPoincare');
  return tf.tidy(() => {
    const [base, height] = lastApart(x);
    const squared = squaredNorm(base);
    const above = tf.add(squared, tf.mul(tf.sub(height, 1), tf.add(height, 1)));
    const denominator = tf.add(squared, tf.square(tf.add(height, 1)));
    const q = tf.div(tf.concat([tf.mul(base, 2), above as tf.Tensor2D], 1), denominator);
    return tf.div(q, tf.sqrt(negated(K)));
  });
}

/**
 * Onto the sphere, (λ x, (λ - 1)/√K), λ = 2 / (1 + K|x|²); the origin goes to the last axis.
 * @param x [n, d] @param K > 0 @returns [n, d + 1]
 */
export function stereographicToSphere(x: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireCurvature(K, 1, 'stereographicToSphere');
  return tf.tidy(() => {
    const gap = defect(x, K);
    const last = tf.mul(tf.div(tf.sub(2, gap), gap), tf.rsqrt(K));
    return tf.concat([tf.div(tf.mul(x, 2), gap), last as tf.Tensor2D], 1);
  });
}

/**
 * Inverse of stereographicToSphere, rest / (1 + √K X_last); not finite at (0, ..., 0, -1/√K), the pole of projection.
 * @param X [n, d + 1] on the sphere @param K > 0 @returns [n, d]
 */
export function sphereToStereographic(X: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireCurvature(K, 1, 'sphereToStereographic');
  return tf.tidy(() => {
    const [rest, last] = lastApart(X);
    const pole = tf.mul(last, tf.sqrt(K));
    // On the lower half 1 + pole cancels; K|rest|² = (1 + pole)(1 - pole) does not.
    const upper = tf.step(pole);
    const larger = tf.add(tf.abs(pole), 1);
    const lower = tf.div(larger, tf.add(tf.mul(squaredNorm(rest), K), upper));
    const factor = tf.add(tf.div(upper, larger), tf.mul(lower, tf.sub(1, upper)));
    return tf.mul(rest, factor);
  });
}

function negated(K: Curvature): Curvature {
  return typeof K === 'number' ? -K : tf.mul(K, -1);
}

function lastApart(x: tf.Tensor2D): [rest: tf.Tensor2D, last: tf.Tensor2D] {
  const n = x.shape[1] - 1;
  return [tf.slice(x, [0, 0], [-1, n]), tf.slice(x, [0, n], [-1, 1])];
}
