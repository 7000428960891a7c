import { requireInteger } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import * as tf from '../engine/tf.js';
import { isBall } from './closed/closedForm.js';
import { ballScores } from './closed/hyperplanes.js';
import { ballMidpoint } from './closed/midpoint.js';
import { defect } from './distance/defect.js';
import type { Curvature } from './manifold.js';
import {
  requireAlike,
  rowDot,
  rowNorm,
  safeReciprocal,
  safeSqrt,
  squaredDifferences,
  squaredNorm,
} from './stable.js';
import { exp, exp0, log0, mobiusAdd, type Share, turn } from './stereographic.js';
import { asinRatio, chordRatio, cosK, signOf, sinK } from './trigonometry.js';

// Gyrovector operations of the κ-stereographic model on tensors. Points, gradients and limits as in stereographic.ts.
// Source: Bachmann, Bécigneul, Ganea 2020, arXiv:1911.05076; Ungar 2008, "A gyrovector space approach to hyperbolic
// geometry", for gyration, coaddition and midpoint.

/** x ⊖ y = x ⊕ (-y). */
export function mobiusSub(x: tf.Tensor2D, y: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return tf.tidy(() => mobiusAdd(x, tf.neg(y), K));
}

/** x ⊞ y = x ⊕ gyr[x, -y] y = (D_y x + D_x y) / (1 - K²|x|²|y|²), the commutative sum. */
export function coadd(x: tf.Tensor2D, y: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireAlike('coadd', x, y);
  return tf.tidy(() => {
    const [ofX, ofY] = [defect(x, K), defect(y, K)];
    // 1 - (D_x - 1)(D_y - 1), for K < 0 a sum of positive terms.
    const denominator = tf.sub(ofX, tf.mul(ofY, tf.mul(squaredNorm(x), K)));
    return tf.div(tf.add(tf.mul(x, ofY), tf.mul(y, ofX)), denominator);
  });
}

/** x ⊟ y = x ⊞ (-y); (x ⊟ y) ⊕ y = x. */
export function cosub(x: tf.Tensor2D, y: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return tf.tidy(() => coadd(x, tf.neg(y), K));
}

/** gyr[x, y] u, the rotation that makes ⊕ associative: x ⊕ (y ⊕ z) = (x ⊕ y) ⊕ gyr[x, y] z. */
export function gyration(x: tf.Tensor2D, y: tf.Tensor2D, u: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return tf.tidy(() => turn(tf.neg(y), x, u, K));
}

/** r ⊗ x: r times as far from the origin along the same ray. @param r one for all rows, or one a row */
export function mobiusScalarMul(r: Share, x: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return mobiusApply((v) => tf.mul(v, r), x, K);
}

/** Coordinate by coordinate in the tangent space at the origin. @param w [d], or as many rows as x, or one */
export function mobiusPointwiseMul(w: tf.Tensor1D | tf.Tensor2D, x: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return mobiusApply((v) => tf.mul(v, w), x, K);
}

/** W ⊗ x = exp0(W log0(x)), row by row. @param W [out, in] @param x [n, in] @returns [n, out] */
export function mobiusMatvec(W: tf.Tensor2D, x: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireColumns('mobiusMatvec x', x, W.shape[1]);
  return mobiusApply((v) => tf.matMul(v, W, false, true), x, K);
}

/** f applied in the tangent space at the origin, exp0(f(log0(x))). @param f [n, d] -> [n, any] */
export function mobiusApply(f: (v: tf.Tensor2D) => tf.Tensor2D, x: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return tf.tidy(() => exp0(f(log0(x, K)), K));
}

/**
 * Weighted gyromidpoints, ½ ⊗ Σ w λ x / Σ w (λ - 1), for K < 0 the Einstein midpoint. As V / (R + T) with V = Σ w λ x,
 * T = Σ w (λ - 1), R = √(T² + K|V|²), where for K < 0 R is no less than Σ w. R cancels for a mean that is itself of
 * large factor λ: it is off by about 1e-7 λ² of the unit 1/√-K, so that beyond 7 units from the origin its radius is lost.
 * @param points [n, d] @param weights [m, n], >= 0; a row of zeros gives NaN
 * @returns [m, d], one midpoint for each row of weights; NaN where it has no direction
 * @throws ShapeError unless weights has a column for each point
 */
export function midpoint(points: tf.Tensor2D, weights: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  requireWeights('midpoint weights', points, weights);
  const composed = (x: tf.Tensor2D, w: tf.Tensor2D): tf.Tensor2D => {
    const lambda = tf.div(2, defect(x, K));
    const V: tf.Tensor2D = tf.matMul(w, tf.mul(x, lambda) as tf.Tensor2D);
    const T = tf.matMul(w, tf.sub(lambda, 1) as tf.Tensor2D);
    const least = tf.mul(tf.square(tf.sum(w, 1, true)), tf.step(tf.mul(K, -1)));
    const squared = tf.add(tf.square(T), tf.mul(squaredNorm(V), K));
    const excess = tf.sub(squared, least);
    const R = tf.sqrt(tf.add(least, tf.mul(excess, tf.step(excess))));
    return tf.div(V, tf.add(R, T));
  };
  return tf.tidy(() => (isBall(K) ? ballMidpoint(points, weights, K, composed) : composed(points, weights)));
}

/**
 * Weighted Fréchet (Karcher) means, the points of least Σ w d², by a fixed number of gradient steps from the gyromidpoint.
 * With h the weighted mean of √-K d coth(√-K d), the Hessian lies between 1 and h, the step is 2 / (1 + h) and an error
 * shrinks by (h - 1) / (h + 1) a step, or faster: 20 steps leave 3e-7 for points up to 10/√-K from the origin. For K <= 0 the mean is unique, for K > 0 it is so for points within
 * π / (4√K) of one. The gradient is that of the unrolled iteration.
 * @param points [n, d] @param weights [m, n], >= 0, no row of zeros @returns [m, d]
 * @throws ShapeError unless weights has a column for each point
 * @source Karcher 1977, "Riemannian center of mass"; the Hessian: Afsari, Tron, Vidal 2013, arXiv:1201.0925
 */
export function frechetMean(
  points: tf.Tensor2D,
  weights: tf.Tensor2D,
  K: Curvature,
  iterations = 20,
): tf.Tensor2D {
  requireWeights('frechetMean weights', points, weights);
  requireInteger(iterations, 0, 'frechetMean iterations');
  return tf.tidy(() => {
    const shares = sharesOf(weights);
    const ofPoints = tf.reshape(defect(points, K), [1, -1]);
    let mean = midpoint(points, weights, K);
    for (let step = 0; step < iterations; step++) {
      const ofMean = defect(mean, K);
      const squared = squaredDifferences(mean, points);
      const w = tf.div(tf.mul(squared, K), tf.mul(ofMean, ofPoints));
      const ratio = tf.mul(shares, chordRatio(w, signOf(K)));
      const h = tf.sum(tf.mul(ratio, tf.sub(1, tf.mul(w, 2))), 1, true);
      // Σ w log as in stereographic.ts, without an array of m n d numbers.
      const pulls = tf.div(ratio, ofPoints) as tf.Tensor2D;
      const toPoints = tf.sub(tf.matMul(pulls, points), tf.mul(mean, tf.sum(pulls, 1, true)));
      const bend = tf.mul(tf.sum(tf.mul(pulls, squared), 1, true), K);
      const pull = tf.add(tf.mul(toPoints, ofMean), tf.mul(mean, bend));
      mean = exp(mean, tf.div(tf.mul(pull, 2), tf.add(h, 1)), K);
    }
    return mean;
  });
}

/**
 * Weighted mean of the squared distances of the points to each mean, u².
 * @param points [n, d] @param means [m, d] @param weights [m, n], >= 0, no row of zeros; default: all alike
 * @returns [m] @throws ShapeError unless weights is [m, n]
 */
export function frechetVariance(
  points: tf.Tensor2D,
  means: tf.Tensor2D,
  K: Curvature,
  weights?: tf.Tensor2D,
): tf.Tensor1D {
  if (weights) requireWeights('frechetVariance weights', points, weights, means.shape[0]);
  return tf.tidy(() => {
    const denominators = tf.mul(defect(means, K), tf.reshape(defect(points, K), [1, -1]));
    const chords = tf.div(squaredDifferences(means, points), denominators);
    // d = 2 asin_K of the root of the chord.
    const squares = tf.mul(tf.mul(chords, 4), tf.square(asinRatio(tf.mul(chords, K), signOf(K))));
    return weights ? tf.sum(tf.mul(squares, sharesOf(weights)), 1) : tf.mean(squares, 1);
  });
}

export interface HyperplaneDistanceOptions {
  /** Positive on the side that the normal points to; default true. */
  readonly signed?: boolean;
  /** Times the Euclidean length of the normal; default false. */
  readonly scaled?: boolean;
}

/**
 * Distances from points to the totally geodesic hypersurfaces through p with normal a, asin_K(λ_z z·a / |a|),
 * z = (-p) ⊕ x, as one product: λ_z z·a = 2 (x·(D_p a - 2K (p·a) p) + (D_x - 2) p·a) / (D_x D_p). On a sphere a quotient
 * past 1/√K by a rounding is the quarter circle. Off by about 1e-7 λ_x λ_p in sin_K of the distance.
 * @param x [n, d] @param p [m, d], points @param a [m, d], other than zero: NaN there @returns [n, m], u
 * @throws ShapeError unless p and a have one shape, with the columns of x
 * @source Ganea, Bécigneul, Hofmann 2018, arXiv:1805.09112, theorem 5, for K < 0
 */
export function distanceToHyperplane(
  x: tf.Tensor2D,
  p: tf.Tensor2D,
  a: tf.Tensor2D,
  K: Curvature,
  { signed = true, scaled = false }: HyperplaneDistanceOptions = {},
): tf.Tensor2D {
  requireAlike('distanceToHyperplane p, a', p, a);
  requireColumns('distanceToHyperplane x', x, p.shape[1]);
  return tf.tidy(() => {
    const [ofX, ofP] = [defect(x, K), defect(p, K)];
    const pa = rowDot(p, a);
    const length = rowNorm(a);
    const normal = tf.sub(tf.mul(a, ofP), tf.mul(p, tf.mul(tf.mul(pa, K), 2))) as tf.Tensor2D;
    const rise = tf.add(tf.matMul(x, normal, false, true), tf.mul(tf.sub(ofX, 2), tf.reshape(pa, [1, -1])));
    const sine = tf.div(tf.mul(rise, 2), tf.mul(ofX, tf.reshape(tf.mul(ofP, length), [1, -1])));
    const distance = arc(sine, K);
    const kept = signed ? distance : tf.abs(distance);
    return tf.mul(kept, scaled ? tf.reshape(length, [1, -1]) : 1);
  });
}

/**
 * Scores of points against hyperplanes: twice the length of the normal times the signed distance,
 * 2|z| asin_K(λ_x x·ẑ cos_K(2r) - (λ_x - 1) sin_K(2r)), ẑ = z / |z|. The hyperplane goes through
 * exp0(r ẑ), at distance 2r from the origin.
 * @param x [n, d] @param z [d, m], normals in columns; a column of zeros scores 0
 * @param r [m], offsets along the normals, tangent coordinates at the origin; null: hyperplanes through the origin
 * @returns [n, m]
 * @throws ShapeError unless the shapes fit
 * @source Shimizu, Mukuta, Harada 2021, arXiv:2006.08210, eq. 6
 */
export function hyperplaneScores(
  x: tf.Tensor2D,
  z: tf.Tensor2D,
  r: tf.Tensor1D | null,
  K: Curvature,
): tf.Tensor2D {
  requireColumns('hyperplaneScores x', x, z.shape[0]);
  if (r && (r.rank !== 1 || r.shape[0] !== z.shape[1])) {
    throw new ShapeError(
      expectation('hyperplaneScores r', `[${z.shape[1]}]`, r.shape, 'one offset a normal'),
    );
  }
  const composed = (points: tf.Tensor2D, normals: tf.Tensor2D, offsets: tf.Tensor2D | null): tf.Tensor2D => {
    const lambda = tf.div(2, defect(points, K));
    const length = safeSqrt(tf.sum(tf.square(normals), 0, true));
    const unit = tf.mul(normals, safeReciprocal(length)) as tf.Tensor2D;
    const along = tf.mul(tf.matMul(points, unit), lambda);
    if (!offsets) return tf.mul(arc(along, K), tf.mul(length, 2));
    const twice = tf.mul(offsets, 2);
    const sine = tf.sub(tf.mul(along, cosK(twice, K)), tf.mul(tf.sub(lambda, 1), sinK(twice, K)));
    return tf.mul(arc(sine, K), tf.mul(length, 2));
  };
  return tf.tidy(() => {
    const offsets = r && tf.reshape<tf.Rank.R2>(r, [1, -1]);
    return isBall(K) ? ballScores(x, z, offsets, K, composed) : composed(x, z, offsets);
  });
}

/** asin_K of a sine whose square exceeds 1/K by a rounding at most. */
function arc(sine: tf.Tensor, K: Curvature): tf.Tensor {
  const w = tf.mul(tf.square(sine), K);
  return tf.mul(sine, asinRatio(tf.sub(w, tf.relu(tf.sub(w, 1))), signOf(K)));
}

function sharesOf(weights: tf.Tensor2D): tf.Tensor2D {
  return tf.div(weights, tf.sum(weights, 1, true));
}

function requireWeights(
  who: string,
  points: tf.Tensor2D,
  weights: tf.Tensor2D,
  rows = weights.shape[0],
): void {
  if (weights.rank === 2 && weights.shape[1] === points.shape[0] && weights.shape[0] === rows) return;
  const expected = `[${rows ?? 'm'}, ${points.shape[0]}]`;
  throw new ShapeError(
    expectation(who, expected, weights.shape, 'pass a row for each mean, a column for each point'),
  );
}

function requireColumns(who: string, x: tf.Tensor2D, columns: number): void {
  if (x.rank === 2 && x.shape[1] === columns) return;
  throw new ShapeError(
    expectation(who, `rows of ${columns} columns`, x.shape, 'pass points of the same space'),
  );
}
