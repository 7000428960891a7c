import * as tf from '../../engine/tf.js';
import { defect } from '../distance/defect.js';
import { rowDot } from '../stable.js';
import { closedForm, scaled } from './closedForm.js';

type Rows = tf.Tensor2D;

/** Added to the squared length of a normal, so that one of zeros has the direction zero. */
const TINY = 1e-37;

/**
 * Scores 2|z| asin_K(s) in closed form for a number K < 0: s = λ Q + S, Q = x·N - S, N = z C / |z|, C = cos_K 2r,
 * S = sin_K 2r; without offsets s = λ Q, Q = x·z / |z|.
 * @param x [n, d] @param z [d, m] @param r [1, m] or null
 */
export function ballScores(
  x: Rows,
  z: Rows,
  r: Rows | null,
  K: number,
  composed: (x: Rows, z: Rows, r: Rows | null) => Rows,
): Rows {
  const k = Math.sqrt(-K);
  const inputs: readonly Rows[] = r ? [x, z, r] : [x, z];
  return closedForm(
    inputs,
    (...[p, normals, offsets]) => composed(p, normals, offsets ?? null),
    (...[p, normals, offsets]) => {
      const lambda = tf.div(2, defect(p, K)) as Rows;
      const squares = tf.sum(tf.square(normals), 0, true);
      const inverse = tf.rsqrt(tf.add(squares, TINY));
      const length = tf.mul(squares, inverse);
      const [C, S] = offsets ? circle(offsets, k) : [];
      const N = tf.mul(normals, C ? tf.mul(inverse, C) : inverse) as Rows;
      const through = tf.matMul(p, N);
      const Q = S ? tf.sub(through, S) : through;
      const sine = S ? tf.add(tf.mul(Q, lambda), S) : tf.mul(Q, lambda);
      const ks = scaled(sine, k);
      const value = tf.mul(tf.asinh(ks), scaled(length, 2 / k)) as Rows;
      return { value, kept: [value, lambda, inverse, length, N, Q, ks, ...(C && S ? [C, S] : [])] };
    },
    (dv, [p, normals], [value, lambda, inverse, length, N, Q, ks, C, S]) => {
      const slope = tf.rsqrt(tf.add(tf.square(ks), 1));
      const toSine = tf.mul(tf.mul(dv, scaled(length, 2)), slope) as Rows;
      const toQ = tf.mul(toSine, lambda) as Rows;
      const toN = tf.matMul(p, toQ, true);
      // λ depends on x as 2 / D: dλ/dx = -K λ² x.
      const toLambda = tf.mul(rowDot(toSine, Q as Rows), scaled(tf.square(lambda), -K));
      const toX = tf.add(tf.matMul(toQ, N as Rows, false, true), tf.mul(p, toLambda));
      // The lengths of the normals: 1/|z| in N, and the factor of the distance.
      const ofFactor = tf.sum(tf.mul(dv, value), 0, true);
      const alongZ = tf.sum(tf.mul(toN, normals), 0, true);
      const stretch = C ? tf.mul(C, inverse) : inverse;
      const outward = tf.mul(tf.sub(ofFactor, tf.mul(alongZ, stretch)), tf.square(inverse));
      const toZ = tf.add(tf.mul(toN, stretch), tf.mul(normals, outward));
      if (!(C && S)) return [toX, toZ];
      const toS = tf.sum(tf.mul(toSine, tf.sub(1, lambda)), 0, true);
      const toC = tf.mul(alongZ, inverse);
      const toR = tf.add(tf.mul(toS, C), tf.mul(tf.mul(toC, S), -K));
      return [toX, toZ, tf.mul(toR, 2)];
    },
  );
}

/** cos_K and sin_K of twice the offset. */
function circle(r: Rows, k: number): [tf.Tensor, tf.Tensor] {
  const angle = tf.mul(r, 2 * k);
  return [tf.cosh(angle), scaled(tf.sinh(angle), 1 / k)];
}

/** Rows whose largest score is beyond `largest` with all scores moved towards 0, and no further, by the excess. */
export function drawnIn(v: tf.Tensor, largest: number | tf.Tensor): tf.Tensor {
  const excess = tf.maximum(tf.sub(tf.max(tf.abs(v), 1, true), largest), 0);
  return tf.sub(v, tf.maximum(tf.minimum(v, excess), tf.neg(excess)));
}

/**
 * The point of the ball whose signed distances to the coordinate hyperplanes are the scores, in closed form for a
 * number K < 0: W / (√-K E) with W = sinh(√-K v), v drawn in, and E = 1 + √(1 + |W|²), or |W| / (1 - margin) where that
 * is more and the point would be closer to the rim than the margin.
 * @param scores [n, m]
 */
export function ballPointOfScores(
  scores: Rows,
  K: number,
  { largest, margin }: { readonly largest: number; readonly margin: number },
  composed: (scores: Rows) => Rows,
): Rows {
  const k = Math.sqrt(-K);
  const reach = 1 - margin;
  return closedForm(
    [scores] as const,
    composed,
    (v) => {
      const W = tf.sinh(scaled(drawnIn(v, largest), k)) as Rows;
      const squared = rowDot(W, W);
      const time = tf.add(tf.sqrt(tf.add(squared, 1)), 1);
      const E = tf.maximum(time, tf.mul(tf.sqrt(squared), 1 / reach));
      return { value: tf.div(W, scaled(E, k)) as Rows, kept: [W, E] };
    },
    (dy, _, [W, E]) => {
      const direct = tf.div(dy, E) as Rows;
      // dE/d|W|² is 1 / (2 (E - 1)) inside and 1 / (2 reach² E) on the margin: the smaller denominator holds.
      const steepness = tf.mul(E, tf.minimum(tf.sub(E, 1), tf.mul(E, reach ** 2)));
      const toW = tf.sub(direct, tf.mul(W, tf.div(rowDot(direct, W as Rows), steepness)));
      return [tf.mul(toW, tf.sqrt(tf.add(tf.square(W), 1)))];
    },
  );
}
