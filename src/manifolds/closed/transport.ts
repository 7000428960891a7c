import * as tf from '../../engine/tf.js';
import { defect } from '../distance/defect.js';
import { rowDot, squaredNorm } from '../stable.js';
import { asInput, closedForm } from './closedForm.js';

type Rows = tf.Tensor2D;

/**
 * Parallel transport of u from x to y in closed form for a number K: (u + m (A Δ - B x)) D_y / D_x with m = 2 / M,
 * M = D_x D_y - b, b = K|Δ|², p = K x·u, r = K Δ·u, e = 2K x·Δ, A = p (D_x + e) - r K|x|², B = r D_x + p b.
 */
export function closedTransport(
  x: Rows,
  y: Rows,
  u: Rows,
  K: number,
  composed: (x: Rows, y: Rows, u: Rows) => Rows,
): Rows {
  return closedForm(
    [x, y, u] as const,
    composed,
    (from, to, v) => {
      const [ofX, ofY] = [defect(from, K), defect(to, K)];
      const delta = tf.sub(to, from) as Rows;
      const b = tf.mul(squaredNorm(delta), K);
      const [p, r] = [tf.mul(rowDot(from, v), K), tf.mul(rowDot(delta, v), K)];
      const ahead = tf.add(ofX, tf.mul(rowDot(from, delta), 2 * K));
      const X = tf.mul(squaredNorm(from), K);
      const A = tf.sub(tf.mul(p, ahead), tf.mul(r, X));
      const B = tf.add(tf.mul(r, ofX), tf.mul(p, b));
      const m = tf.div(2, tf.sub(tf.mul(ofX, ofY), b));
      const turned = tf.sub(tf.mul(delta, A), tf.mul(from, B));
      const value = tf.mul(tf.add(v, tf.mul(turned, m)), tf.div(ofY, ofX)) as Rows;
      return { value, kept: [value, ofX, ofY, delta, b, p, r, ahead, X, A, B, m, turned] };
    },
    (dz, [from, to, v], [z, ofX, ofY, delta, b, p, r, ahead, X, A, B, m, turned]) => {
      const direct = tf.mul(dz, tf.div(ofY, ofX)) as Rows;
      const toTurned = tf.mul(direct, m) as Rows;
      const [toA, toB] = [rowDot(toTurned, delta as Rows), tf.neg(rowDot(toTurned, from))];
      // M enters as -m²/2 = -m/M.
      const toM = tf.mul(rowDot(toTurned, turned as Rows), tf.mul(m, -0.5));
      const length = rowDot(dz, z as Rows);
      const toP = tf.mul(tf.add(tf.mul(toA, ahead), tf.mul(toB, b)), K);
      const toR = tf.mul(tf.sub(tf.mul(toB, ofX), tf.mul(toA, X)), K);
      const byE = tf.mul(toA, p);
      const toBend = tf.sub(tf.mul(toB, p), toM);
      const toE = tf.mul(byE, 2 * K);
      const ofA = tf.add(byE, tf.mul(toB, r));
      const whole = tf.sub(tf.add(ofA, tf.mul(toM, ofY)), tf.div(length, ofX));
      // |x|² comes in D_x, and by itself in A.
      const toX = tf.mul(tf.sub(whole, tf.mul(toA, r)), 2 * K);
      const toEnd = tf.mul(tf.add(tf.mul(toM, ofX), tf.div(length, ofY)), 2 * K);
      const inDelta = tf.add(tf.mul(toTurned, A), tf.mul(delta, tf.mul(toBend, 2 * K)));
      const toDelta = tf.add(inDelta, tf.add(tf.mul(v, toR), tf.mul(from, toE)));
      const inX = tf.add(tf.sub(tf.mul(v, toP), tf.mul(toTurned, B)), tf.mul(from, toX));
      const wholeX = tf.sub(tf.add(inX, tf.mul(delta, toE)), toDelta);
      const toU = tf.add(direct, tf.add(tf.mul(from, toP), tf.mul(delta, toR)));
      return [asInput(wholeX, from), asInput(tf.add(toDelta, tf.mul(to, toEnd)), to), asInput(toU, v)];
    },
  );
}
