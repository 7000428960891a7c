import * as tf from '../../engine/tf.js';
import { defect } from '../distance/defect.js';
import { rowDot, squaredNorm } from '../stable.js';
import { closedForm, positive, scaled } from './closedForm.js';

type Rows = tf.Tensor2D;

/**
 * Gyromidpoints in closed form for a number K < 0: V / F, F = R + T, R = √max(T² + K|V|², Ω²), V = Σ w λ x,
 * T = Σ w (λ - 1), Ω = Σ w.
 * @param points [n, d] @param weights [m, n]
 */
export function ballMidpoint(
  points: Rows,
  weights: Rows,
  K: number,
  composed: (points: Rows, weights: Rows) => Rows,
): Rows {
  return closedForm(
    [points, weights] as const,
    composed,
    (x, w) => {
      const lambda = tf.div(2, defect(x, K)) as Rows;
      const pulls = tf.mul(x, lambda) as Rows;
      const V: Rows = tf.matMul(w, pulls);
      const T = tf.matMul(w, tf.sub(lambda, 1) as Rows);
      const total = tf.sum(w, 1, true);
      const least = tf.square(total);
      const squared = tf.sub(tf.square(T), scaled(squaredNorm(V), -K));
      const R = tf.sqrt(tf.maximum(squared, least));
      const F = tf.add(R, T);
      return {
        value: tf.div(V, F) as Rows,
        kept: [lambda, pulls, V, T, total, R, F, positive(tf.sub(squared, least))],
      };
    },
    (dy, [x, w], [lambda, pulls, V, T, total, R, F, free]) => {
      const direct = tf.div(dy, F) as Rows;
      const toF = tf.neg(tf.div(rowDot(direct, V as Rows), F));
      const toSquared = tf.div(toF, R);
      const unbound = tf.mul(toSquared, free);
      const toV = tf.add(direct, tf.mul(V, tf.mul(unbound, K))) as Rows;
      const toT = tf.add(toF, tf.mul(unbound, T)) as Rows;
      const toTotal = tf.mul(tf.sub(toSquared, unbound), total);
      const byPulls = tf.matMul(toV, pulls as Rows, false, true);
      const byFactors = tf.matMul(toT, tf.sub(lambda, 1) as Rows, false, true);
      const toWeights = tf.add(tf.add(byPulls, byFactors), toTotal);
      const toPulls: Rows = tf.matMul(w, toV, true);
      const toLambda = tf.add(rowDot(toPulls, x), tf.matMul(w, toT, true));
      // dλ/dx = -K λ² x.
      const inward = tf.mul(toLambda, scaled(tf.square(lambda), -K));
      return [tf.add(tf.mul(toPulls, lambda), tf.mul(x, inward)), toWeights];
    },
  );
}
