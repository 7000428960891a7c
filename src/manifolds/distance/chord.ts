import * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';
import { defect } from './defect.js';
import type { PairLayout, PairSpace } from './pairSpace.js';

/**
 * u of pairs, of which every distance is a function (arc.ts), with its derivatives ∂u/∂x = toDifference Δ + toX x and
 * ∂u/∂y = -toDifference Δ + toY y, Δ = x - y. All are of coordinate differences and of float32 accuracy, but for
 * lorentz and directions, where nearly radial Δ leave an error of float32 times |Δ|².
 */
export interface Chord {
  readonly u: tf.Tensor;
  readonly difference: tf.Tensor;
  readonly toDifference: tf.Tensor | number;
  readonly toX?: tf.Tensor;
  readonly toY?: tf.Tensor;
  /** ∂u/∂K at fixed coordinates. */
  toCurvature(): tf.Tensor;
  /** 1 - K u without cancellation near antipodes; called off the tape, and only where K may be positive. */
  rest(): tf.Tensor;
}

/** Rows as [b, 1, d] and [1, m, d], or both as [n, 1, d]; the time column of lorentz is left out. */
export interface Sides {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
}

export function sidesOf(kind: PairSpace['kind'], x: tf.Tensor2D, y: tf.Tensor2D, layout: PairLayout): Sides {
  const space = (t: tf.Tensor2D) =>
    kind === 'lorentz' ? tf.slice(t, [0, 1], [t.shape[0], t.shape[1] - 1]) : t;
  return { x: tf.expandDims(space(x), 1), y: tf.expandDims(space(y), layout === 'all' ? 0 : 1) };
}

export function chordOf(kind: PairSpace['kind'], { x, y }: Sides, K: Curvature): Chord {
  switch (kind) {
    case 'poincare':
    case 'stereographic':
      return ballChord(x, y, K);
    case 'lorentz':
      return sheetChord(x, y, K);
    case 'sphere':
      return directionChord(x, y, K);
    case 'cosine':
      return directionChord(x, y, 1);
    default:
      return flatChord(x, y);
  }
}

const squaredNorm = (t: tf.Tensor) => tf.sum(tf.square(t), 2);
const zeroLike = (u: tf.Tensor) => tf.zerosLike(u);

/** u = |Δ|²/4. */
function flatChord(x: tf.Tensor, y: tf.Tensor): Chord {
  const difference = tf.sub(x, y);
  const u = tf.mul(squaredNorm(difference), 0.25);
  return { u, difference, toDifference: 0.5, toCurvature: () => zeroLike(u), rest: () => tf.onesLike(u) };
}

/** u = |Δ|² a b, a = 1 / (1 + K|x|²); NaN outside of the ball, on both sides too. */
function ballChord(x: tf.Tensor, y: tf.Tensor, K: Curvature): Chord {
  const difference = tf.sub(x, y);
  const [a, b] = [x, y].map((t) => {
    const [rows, others, d] = t.shape;
    const inverse = tf.square(tf.rsqrt(defect(tf.reshape(t, [rows * others, d]), K)));
    return tf.reshape(inverse, [rows, others]);
  });
  const ab = tf.mul(a, b);
  const u = tf.mul(squaredNorm(difference), ab);
  const back = (scalar: tf.Tensor) => tf.mul(tf.mul(tf.mul(scalar, u), K), -2);
  return {
    u,
    difference,
    toDifference: tf.mul(ab, 2),
    toX: back(a),
    toY: back(b),
    toCurvature: () => tf.neg(tf.mul(u, tf.add(tf.mul(a, squaredNorm(x)), tf.mul(b, squaredNorm(y))))),
    // ab ((1 - K|x||y|)² + K (|x + y|² - (|x| - |y|)²))
    rest: () => {
      const norms = tf.mul(tf.sqrt(squaredNorm(x)), tf.sqrt(squaredNorm(y)));
      const opposite = tf.sub(squaredNorm(tf.add(x, y)), tf.square(gapOf(x, y, difference)));
      const product = tf.add(tf.square(tf.sub(1, tf.mul(norms, K))), tf.mul(tf.relu(opposite), K));
      return tf.mul(product, ab);
    },
  };
}

/** |x| - |y| from the difference, 0 between two origins; off the tape. */
function gapOf(x: tf.Tensor, y: tf.Tensor, difference: tf.Tensor): tf.Tensor {
  const sum = tf.add(tf.sqrt(squaredNorm(x)), tf.sqrt(squaredNorm(y)));
  return tf.divNoNan(tf.sum(tf.mul(difference, tf.add(x, y)), 2), sum);
}

/** u = |x/|x| - y/|y||² / (4K), from |Δ|² - (|x| - |y|)². */
function directionChord(x: tf.Tensor, y: tf.Tensor, K: Curvature): Chord {
  const difference = tf.sub(x, y);
  const [X, Y] = [tf.sqrt(squaredNorm(x)), tf.sqrt(squaredNorm(y))];
  const product = tf.mul(X, Y);
  const gap = tf.div(tf.sum(tf.mul(difference, tf.add(x, y)), 2), tf.add(X, Y));
  const apart = tf.div(notNegative(tf.sub(squaredNorm(difference), tf.square(gap))), product);
  const scale = tf.div(0.25, K);
  const u = tf.mul(apart, scale);
  const twice = tf.div(tf.mul(gap, 2), product);
  return {
    u,
    difference,
    toDifference: tf.div(tf.mul(scale, 2), product),
    toX: tf.neg(tf.mul(tf.div(tf.add(twice, tf.div(apart, X)), X), scale)),
    toY: tf.mul(tf.div(tf.sub(twice, tf.div(apart, Y)), Y), scale),
    toCurvature: () => tf.neg(tf.div(u, K)),
    rest: () => {
      const opposite = tf.sub(squaredNorm(tf.add(x, y)), tf.square(gap));
      return tf.mul(tf.div(tf.relu(opposite), product), 0.25);
    },
  };
}

/** u = (|Δ|² - (x0 - y0)²) / 4, the times from the space columns. */
function sheetChord(x: tf.Tensor, y: tf.Tensor, K: Curvature): Chord {
  const difference = tf.sub(x, y);
  const floor = tf.div(-1, K);
  const [s, t] = [x, y].map((rows) => tf.sqrt(tf.add(squaredNorm(rows), floor)));
  const gap = tf.div(tf.sum(tf.mul(difference, tf.add(x, y)), 2), tf.add(s, t));
  const u = tf.mul(notNegative(tf.sub(squaredNorm(difference), tf.square(gap))), 0.25);
  return {
    u,
    difference,
    toDifference: 0.5,
    toX: tf.mul(tf.div(gap, s), -0.5),
    toY: tf.mul(tf.div(gap, t), 0.5),
    toCurvature: () => {
      const slope = tf.sub(tf.reciprocal(s), tf.reciprocal(t));
      return tf.mul(tf.mul(gap, tf.mul(slope, tf.square(floor))), -0.25);
    },
    rest: () => tf.sub(1, tf.mul(u, K)),
  };
}

/** Rounding may leave a square below 0; relu would hide a NaN on some engines. */
function notNegative(square: tf.Tensor): tf.Tensor {
  return tf.mul(square, tf.step(square));
}
