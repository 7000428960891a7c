import * as tf from '../../engine/tf.js';
import { defect } from '../distance/defect.js';
import { rowDot, squaredNorm } from '../stable.js';
import { asInput, closedForm, FLOOR, scaled } from './closedForm.js';
import { radialGradient } from './radial.js';

// x ⊕ y and exp_x in closed form for a number K, from S = x + y, b = K|S|²: z = (D_x S - b x) / (D_x D_y - b).

type PairMap = (x: tf.Tensor2D, y: tf.Tensor2D) => tf.Tensor2D;

/** x ⊕ y, any number K. */
export function closedAdd(x: tf.Tensor2D, y: tf.Tensor2D, K: number, composed: PairMap): tf.Tensor2D {
  return closedForm(
    [x, y] as const,
    composed,
    (p, q) => {
      const [ofX, ofY] = [defect(p, K), defect(q, K)];
      const { value, ...terms } = add(p, q, K, ofX, ofY);
      return { value, kept: [value, ofX, ofY, ...Object.values(terms)] };
    },
    (dz, [p, q], [z, ofX, ofY, S, b, M]) => {
      const { toX, toY, toDefect } = addGradients(dz, { x: p, y: q, z, ofX, ofY, S, b, M }, K);
      const wholeX = tf.add(toX, tf.mul(p, tf.mul(toDefect, 2 * K)));
      return [asInput(wholeX, p), asInput(toY, q)];
    },
  );
}

/** exp_x u = x ⊕ y, y = exp0(u / D_x), whose defect is 1 / cosh² s, s = √-K |u| / D_x; K < 0. */
export function ballExp(x: tf.Tensor2D, u: tf.Tensor2D, K: number, composed: PairMap): tf.Tensor2D {
  return closedForm(
    [x, u] as const,
    composed,
    (p, v) => {
      const ofX = defect(p, K);
      const w = tf.div(v, ofX) as tf.Tensor2D;
      const a = tf.maximum(scaled(squaredNorm(w), -K), FLOOR);
      const s = tf.sqrt(a);
      const f = tf.div(tf.tanh(s), s);
      const y = tf.mul(w, f) as tf.Tensor2D;
      const e = tf.exp(tf.mul(s, -2));
      const ofY = tf.div(tf.mul(e, 4), tf.square(tf.add(e, 1)));
      const { value, ...terms } = add(p, y, K, ofX, ofY);
      return { value, kept: [value, ofX, ofY, ...Object.values(terms), w, y, a, f] };
    },
    (dz, [p, v], [z, ofX, ofY, S, b, M, w, y, a, f]) => {
      const { toX, toY, toDefect } = addGradients(dz, { x: p, y, z, ofX, ofY, S, b, M }, K);
      const bend = scaled(tf.sub(tf.div(tf.sub(1, f), a), tf.square(f)), -K);
      const toU = tf.div(radialGradient(toY, w as tf.Tensor2D, f, bend), ofX) as tf.Tensor2D;
      const wholeDefect = tf.sub(toDefect, rowDot(toU, w as tf.Tensor2D));
      const wholeX = tf.add(toX, tf.mul(p, tf.mul(wholeDefect, 2 * K)));
      return [asInput(wholeX, p), asInput(toU, v)];
    },
  );
}

/** x ⊕ y from points and their defects, with S, b and the denominator M. */
function add(x: tf.Tensor2D, y: tf.Tensor2D, K: number, ofX: tf.Tensor, ofY: tf.Tensor) {
  const S = tf.add(x, y) as tf.Tensor2D;
  const b = tf.mul(squaredNorm(S), K);
  const M = tf.sub(tf.mul(ofX, ofY), b);
  const value = tf.div(tf.sub(tf.mul(S, ofX), tf.mul(x, b)), M) as tf.Tensor2D;
  return { value, S, b, M };
}

interface Terms {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
  readonly z: tf.Tensor;
  readonly ofX: tf.Tensor;
  readonly ofY: tf.Tensor;
  readonly S: tf.Tensor;
  readonly b: tf.Tensor;
  readonly M: tf.Tensor;
}

/** The gradients to x with D_x fixed, to D_x, and to y with D_y as its function. */
function addGradients(dz: tf.Tensor2D, { x, y, z, ofX, ofY, S, b, M }: Terms, K: number) {
  const toN = tf.div(dz, M) as tf.Tensor2D;
  const alongZ = rowDot(toN, z as tf.Tensor2D);
  const toBend = rowDot(toN, tf.sub(z, x) as tf.Tensor2D);
  const toDefect = tf.sub(rowDot(toN, S as tf.Tensor2D), tf.mul(alongZ, ofY)) as tf.Tensor2D;
  const toS = tf.add(tf.mul(toN, ofX), tf.mul(S, tf.mul(toBend, 2 * K)));
  const toX = tf.sub(toS, tf.mul(toN, b)) as tf.Tensor2D;
  const toY = tf.sub(toS, tf.mul(y, tf.mul(tf.mul(alongZ, ofX), 2 * K))) as tf.Tensor2D;
  return { toX, toY, toDefect };
}
