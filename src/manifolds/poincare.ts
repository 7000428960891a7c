import { requirePositive } from '../core/checks.js';
import * as tf from '../engine/tf.js';
import type { Manifold } from './manifold.js';

/**
 * The Poincaré ball of curvature K < 0 on tensors; c = -K, radius 1/√c.
 * @throws DomainError unless K < 0
 * @source Ganea et al. 2018, arXiv:1805.09112, section 2
 */
export function poincareBall(dim: number, curvature: number): Manifold {
  requirePositive(-curvature, 'poincareBall -curvature');
  const c = -curvature;
  return {
    space: { kind: 'poincare', dim, curvature },
    pairwise: (x, y) => pairwiseDistance(x, y, c),
    exp0: (v) => radial(v, (r) => tf.div(tf.tanh(tf.mul(r, Math.sqrt(c))), tf.mul(r, Math.sqrt(c)))),
    log0: (x) => radial(x, (r) => tf.div(tf.atanh(tf.mul(r, Math.sqrt(c))), tf.mul(r, Math.sqrt(c)))),
  };
}

/** Rows below this norm are moved out to it inside `radial`, where tanh(t)/t is 1 to float32. */
const SMALL_NORM = 1e-6;

/** Each row times a function of its norm; the floor keeps the gradient at the origin finite. */
function radial(v: tf.Tensor2D, factor: (norm: tf.Tensor) => tf.Tensor): tf.Tensor2D {
  return tf.tidy(() => {
    const squared = tf.sum(tf.square(v), 1, true);
    return tf.mul(v, factor(tf.sqrt(tf.maximum(squared, SMALL_NORM ** 2))));
  });
}

/**
 * d = (2/√c) asinh √u, u = c |x-y|² a b, a = 1/(1-c|x|²), b = 1/(1-c|y|²): one product and elementwise work, O(nd + nm).
 * Gradient in closed form; 0 between coincident points, where the distance has none.
 */
function pairwiseDistance(x: tf.Tensor2D, y: tf.Tensor2D, c: number): tf.Tensor2D {
  const op = tf.customGrad((...args) => {
    const [p, q] = args as unknown as [tf.Tensor2D, tf.Tensor2D];
    const save = args[2] as unknown as tf.GradSaveFunc;
    const pp = tf.sum(tf.square(p), 1, true);
    const qq = tf.reshape(tf.sum(tf.square(q), 1), [1, -1]);
    const squared = tf.relu(tf.sub(tf.add(pp, qq), tf.mul(tf.matMul(p, q, false, true), 2)));
    const a = tf.reciprocal(tf.sub(1, tf.mul(pp, c)));
    const b = tf.reciprocal(tf.sub(1, tf.mul(qq, c)));
    const u = tf.mul(tf.mul(squared, tf.mul(a, c)), b);
    save([p, q, a, b, u]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [sp, sq, sa, sb, su] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      // dd/du = 1/(√c √(u (1+u))), and 0 where u = 0.
      const du = tf.mul(tf.divNoNan(dy, tf.sqrt(tf.mul(su, tf.add(su, 1)))), 1 / Math.sqrt(c));
      const du_u = tf.mul(du, su);
      const pull = tf.mul(tf.mul(du, tf.mul(sa, 2 * c)), sb) as tf.Tensor2D;
      // du/dx = 2c a b (x - y) + 2c a u x, and the same for y.
      const toP = tf.add(tf.sum(pull, 1, true), tf.mul(tf.mul(sa, 2 * c), tf.sum(du_u, 1, true)));
      const toQ = tf.add(tf.sum(pull, 0), tf.mul(tf.mul(tf.reshape(sb, [-1]), 2 * c), tf.sum(du_u, 0)));
      return [
        tf.sub(tf.mul(sp, toP), tf.matMul(pull, sq)),
        tf.sub(tf.mul(sq, tf.reshape(toQ, [-1, 1])), tf.matMul(pull, sp, true)),
      ];
    };
    return { value: tf.mul(tf.asinh(tf.sqrt(u)), 2 / Math.sqrt(c)), gradFunc };
  });
  return op(x, y) as tf.Tensor2D;
}
