import * as tf from '../../engine/tf.js';

/**
 * Squared relative stress between distances of inputs and distances of codes, over all pairs of a batch:
 * Σ (e_ij - s d_ij)² / Σ (s d_ij)², with the best scale s = Σ e d / Σ d², taken as a constant.
 * 0 when codes are a scaled copy of the inputs; free of units, so that one weight fits every space.
 * @param codes  [n, n], differentiable; inputs: [n, n], constant, same unit throughout
 * @returns      scalar >= 0
 * @source       Kruskal 1964, stress formula 1, with scale fitted as in Borg and Groenen 2005, section 9.1
 */
export function distancePreservation(codes: tf.Tensor2D, inputs: tf.Tensor2D): tf.Scalar {
  const op = tf.customGrad((...args) => {
    const e = args[0] as unknown as tf.Tensor2D;
    const d = args[1] as unknown as tf.Tensor2D;
    const save = args[2] as unknown as tf.GradSaveFunc;
    const scale = tf.divNoNan(tf.sum(tf.mul(e, d)), tf.sum(tf.square(d)));
    const target = tf.mul(d, scale);
    const residual = tf.sub(e, target);
    const size = tf.sum(tf.square(target));
    save([residual, size]);
    return {
      value: tf.divNoNan(tf.sum(tf.square(residual)), size),
      gradFunc: (dy: tf.Tensor, [r, n]: tf.Tensor[]) => [
        tf.mul(dy, tf.divNoNan(tf.mul(r, 2), n)),
        tf.zerosLike(r),
      ],
    };
  });
  return op(codes, inputs) as tf.Scalar;
}
