import { requireInteger, requirePositive } from '../core/checks.js';
import * as tf from '../engine/tf.js';
import type { RowLayer } from './rowLayer.js';

/** Square of the least tangent norm that is divided by: the map is the identity to float32 there. */
const SMALLEST = 1e-12;

/**
 * Tangent vectors at the origin -> points of the Poincaré ball, exp0(v) = tanh(√c |v|) v / (√c |v|), with its derivative:
 * the last layer of an encoder whose codes are hyperbolic. Its bounds are those of coordinates, not of hyperbolic lengths.
 * @param curvature K < 0; c = -K
 * @throws UsageError for dim below 1, DomainError unless K < 0
 * @source Ganea, Bécigneul, Hofmann 2018, arXiv:1805.09112, lemma 2
 */
export function ballPoints(dim: number, curvature: number): RowLayer {
  requireInteger(dim, 1, 'ballPoints dim');
  requirePositive(-curvature, 'ballPoints -curvature');
  const root = Math.sqrt(-curvature);
  const radial = (v: tf.Tensor) => {
    const squares = tf.maximum(tf.sum(tf.square(v), v.rank - 1, true), SMALLEST);
    const scaled = tf.mul(tf.sqrt(squares), root);
    const tanh = tf.tanh(scaled);
    return { squares, tanh, across: tf.div(tanh, scaled) };
  };
  const value = (v: tf.Tensor) => tf.mul(v, radial(v).across);
  return {
    parameters: [],
    apply: (_, x) => value(x),
    linearize(_, x) {
      const { squares, tanh, across } = radial(x);
      // Steeper across the radius than along it: across I + bend x xᵀ, which is its own transpose.
      const bend = tf.div(tf.sub(tf.sub(1, tf.square(tanh)), across), squares);
      const derivative = (v: tf.Tensor) => {
        const along = tf.mul(tf.sum(tf.mul(v, x), v.rank - 1, true), bend);
        return tf.add(tf.mul(v, across), tf.mul(along, x));
      };
      return { value: tf.mul(x, across) as tf.Tensor2D, pushforward: derivative, pullback: derivative };
    },
    lipschitz: () => ({ lower: tf.scalar(0), upper: tf.scalar(1) }),
  };
}
