import { expectation, ShapeError } from '../core/errors.js';
import * as tf from '../engine/tf.js';
import type { Manifold } from './manifold.js';

/**
 * Wrapped normal, reparametrised: `scale` times the noise in an orthonormal frame at the origin, carried to the mean by
 * parallel transport, then exp. Gradients reach mean and scale.
 * @param mean [n, columns], points
 * @param scale u, > 0: a number, or a tensor that broadcasts to [n, dimension], one standard deviation an axis
 * @param noise [n, dimension], standard normal, drawn by the caller
 * @returns [n, columns], one sample a mean
 * @throws ShapeError unless the shapes fit
 * @source Nagano, Yamaguchi, Fujita, Koyama 2019, arXiv:1902.02992, algorithm 1
 */
export function wrappedNormal(
  manifold: Manifold,
  mean: tf.Tensor2D,
  scale: number | tf.Tensor,
  noise: tf.Tensor2D,
): tf.Tensor2D {
  const expected = [mean.shape[0], manifold.dimension];
  if (noise.rank !== 2 || noise.shape.some((size, axis) => size !== expected[axis])) {
    throw new ShapeError(
      expectation('wrappedNormal noise', `shape ${expected}`, noise.shape, 'draw one row for each mean'),
    );
  }
  return tf.tidy(() => {
    const u = manifold.frame(tf.mul(noise, scale));
    return manifold.exp(mean, manifold.transport(originRows(manifold, mean.shape[0]), mean, u));
  });
}

function originRows(manifold: Manifold, n: number): tf.Tensor2D {
  return tf.broadcastTo(manifold.origin(), [n, manifold.columns]);
}
