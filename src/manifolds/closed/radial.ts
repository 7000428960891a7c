import * as tf from '../../engine/tf.js';
import { defect } from '../distance/defect.js';
import { rowDot, squaredNorm } from '../stable.js';
import { closedForm, FLOOR, positive, scaled } from './closedForm.js';

// Maps of the ball of a number K < 0 that move rows along themselves, x -> f x, in closed form. With φ(|x|) = f |x| the
// gradient of Σ dy f x is f dy + x (x·dy) (φ' - f) / |x|², where what cancels near 0 is multiplied by |x|² again.

type Map = (x: tf.Tensor2D) => tf.Tensor2D;

/** exp0, f = tanh s / s with s = √-K |v|. */
export function ballExp0(v: tf.Tensor2D, K: number, composed: Map): tf.Tensor2D {
  return radial(v, composed, {
    ratio(x) {
      const a = squaredRoot(x, K);
      const s = tf.sqrt(a);
      return [tf.div(tf.tanh(s), s), a];
    },
    // φ' = 1 - f² s².
    bend: (f, [a]) => scaled(tf.sub(tf.div(tf.sub(1, f), a), tf.square(f)), -K),
  });
}

/** exp0, its results moved in to the share 1 - margin of the radius, where they move along the sphere alone. */
export function ballExp0Within(v: tf.Tensor2D, K: number, margin: number, composed: Map): tf.Tensor2D {
  const reach = 1 - margin;
  return radial(v, composed, {
    ratio(x) {
      const a = squaredRoot(x, K);
      const s = tf.sqrt(a);
      const t = tf.tanh(s);
      return [tf.div(tf.minimum(t, reach), s), a, t];
    },
    bend(f, [a, t]) {
      const slope = tf.mul(tf.sub(1, tf.square(t)), positive(tf.sub(reach, t)));
      return scaled(tf.div(tf.sub(slope, f), a), -K);
    },
  });
}

/** log0, f = artanh s / s; φ' = 1 / D. */
export function ballLog0(x: tf.Tensor2D, K: number, composed: Map): tf.Tensor2D {
  return radial(x, composed, {
    ratio(p) {
      const D = defect(p, K);
      const a = squaredRoot(p, K);
      // artanh s = arsinh(s / √(1 - s²))
      return [tf.div(tf.asinh(tf.sqrt(tf.div(a, D))), tf.sqrt(a)), a, D];
    },
    bend: (f, [a, D]) => scaled(tf.div(tf.sub(tf.reciprocal(D), f), a), -K),
  });
}

/** Rows beyond the share 1 - margin of the radius moved in to it. */
export function ballProject(x: tf.Tensor2D, K: number, margin: number, composed: Map): tf.Tensor2D {
  const scale = -K / (1 - margin) ** 2;
  return radial(x, composed, {
    ratio(p) {
      const excess = tf.mul(squaredNorm(p), scale);
      return [tf.reciprocal(tf.sqrt(tf.maximum(excess, 1))), excess];
    },
    bend: (f, [excess]) =>
      tf.mul(tf.div(tf.mul(f, positive(tf.sub(excess, 1))), tf.maximum(excess, 1)), -scale),
  });
}

/** -K |x|², [n, 1], away from 0. */
function squaredRoot(x: tf.Tensor2D, K: number): tf.Tensor {
  return tf.maximum(scaled(squaredNorm(x), -K), FLOOR);
}

interface Radial {
  /** f, [n, 1], and what `bend` needs beside it. */
  readonly ratio: (x: tf.Tensor2D) => [tf.Tensor, ...tf.Tensor[]];
  /** (φ' - f) / |x|². */
  readonly bend: (f: tf.Tensor, kept: readonly tf.Tensor[]) => tf.Tensor;
}

function radial(x: tf.Tensor2D, composed: Map, { ratio, bend }: Radial): tf.Tensor2D {
  return closedForm(
    [x] as const,
    composed,
    (p) => {
      const kept = ratio(p);
      return { value: tf.mul(p, kept[0]) as tf.Tensor2D, kept };
    },
    (dy, [p], [f, ...kept]) => [radialGradient(dy, p, f, bend(f, kept))],
  );
}

/** f dy + x (x·dy) bend. */
export function radialGradient(dy: tf.Tensor2D, x: tf.Tensor2D, f: tf.Tensor, bend: tf.Tensor): tf.Tensor2D {
  return tf.add(tf.mul(dy, f), tf.mul(x, tf.mul(rowDot(x, dy), bend)));
}
