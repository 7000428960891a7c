import * as tf from '../../engine/tf.js';
import { defect } from '../distance/defect.js';
import { rowDot, squaredNorm } from '../stable.js';
import { asInput, closedForm, FLOOR } from './closedForm.js';

/**
 * log_x y in closed form for a number K < 0: q T with T = D_x Δ + b x, b = K|Δ|², w = b / (D_x D_y), q = c / D_y,
 * c = asin √w / √(w (1 - w)), whose derivative is (1 - c (1 - 2w)) / (2w (1 - w)).
 */
export function ballLog(
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  K: number,
  composed: (x: tf.Tensor2D, y: tf.Tensor2D) => tf.Tensor2D,
): tf.Tensor2D {
  return closedForm(
    [x, y] as const,
    composed,
    (p, r) => {
      const [ofX, ofY] = [defect(p, K), defect(r, K)];
      const delta = tf.sub(r, p) as tf.Tensor2D;
      const b = tf.mul(squaredNorm(delta), K);
      const w = tf.minimum(tf.div(b, tf.mul(ofX, ofY)), -FLOOR);
      const s = tf.sqrt(tf.neg(w));
      const c = tf.div(tf.asinh(s), tf.mul(s, tf.sqrt(tf.sub(1, w))));
      const q = tf.div(c, ofY);
      const T = tf.add(tf.mul(delta, ofX), tf.mul(p, b));
      return { value: tf.mul(T, q) as tf.Tensor2D, kept: [ofX, ofY, delta, b, w, c, q, T] };
    },
    (dv, [p, r], [ofX, ofY, delta, b, w, c, q, T]) => {
      const toT = tf.mul(dv, q) as tf.Tensor2D;
      const alongV = tf.div(rowDot(dv, T as tf.Tensor2D), ofY);
      const rest = tf.sub(1, w);
      const rise = tf.div(tf.mul(tf.sub(1, tf.mul(c, tf.sub(rest, w))), 0.5), rest);
      // 2w times the derivative by w is what w's factors share.
      const share = tf.mul(alongV, rise);
      const toBend = tf.add(rowDot(toT, p), tf.div(share, tf.mul(tf.mul(w, ofX), ofY)));
      const ofDelta = tf.sub(rowDot(toT, delta as tf.Tensor2D), tf.div(share, ofX));
      const ofEnd = tf.div(tf.add(tf.mul(alongV, c), share), ofY);
      const toDelta = tf.add(tf.mul(toT, ofX), tf.mul(delta, tf.mul(toBend, 2 * K)));
      const inX = tf.add(tf.mul(toT, b), tf.mul(p, tf.mul(ofDelta, 2 * K)));
      const toY = tf.sub(toDelta, tf.mul(r, tf.mul(ofEnd, 2 * K)));
      return [asInput(tf.sub(inX, toDelta), p), asInput(toY, r)];
    },
  );
}
