import { expectation, ShapeError } from '../core/errors.js';
import * as tf from '../engine/tf.js';

// Pieces that all manifolds share: row by row, with finite gradients where the usual forms divide by a norm of 0.
// Call inside tidy.

/** x_i · y_i: [n, 1]; one of them may have a single row. */
export function rowDot(x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D {
  return tf.sum(tf.mul(x, y), 1, true);
}

/** |x_i|²: [n, 1]. */
export function squaredNorm(x: tf.Tensor2D): tf.Tensor2D {
  return tf.sum(tf.square(x), 1, true);
}

/** √s for s >= 0, with derivative 0 at 0. */
export function safeSqrt(s: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [t, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    save([t]);
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
      tf.mul(dy, tf.mul(safeReciprocal(safeSqrt(saved)), 0.5));
    return { value: tf.sqrt(t), gradFunc };
  });
  return op(s);
}

/** 1/s for s > 0, and 0 with derivative 0 at 0. */
export function safeReciprocal(s: tf.Tensor): tf.Tensor {
  const positive = tf.step(s);
  return tf.div(positive, tf.add(s, tf.sub(1, positive)));
}

/** |x_i|: [n, 1]; the gradient at a row of zeros is 0. */
export function rowNorm(x: tf.Tensor2D): tf.Tensor2D {
  return safeSqrt(squaredNorm(x)) as tf.Tensor2D;
}

/**
 * |x_i - y_j|²: [n, m], >= 0. One row against many by their differences; many against many by products, which lose
 * 2^-23 (|x_i|² + |y_j|²).
 */
export function squaredDifferences(x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D {
  if (x.shape[0] === 1) return tf.reshape(squaredNorm(tf.sub(x, y)), [1, -1]);
  const sums = tf.add(squaredNorm(x), tf.reshape(squaredNorm(y), [1, -1]));
  return tf.relu(tf.sub(sums, tf.mul(tf.matMul(x, y, false, true), 2)));
}

/** @throws ShapeError unless all have the same columns, and as many rows as the others or one */
export function requireAlike(who: string, ...tensors: readonly tf.Tensor2D[]): void {
  const columns = tensors[0].shape[1];
  const rows = Math.max(...tensors.map((t) => t.shape[0]));
  for (const { shape } of tensors) {
    if (shape.length === 2 && shape[1] === columns && (shape[0] === rows || shape[0] === 1)) continue;
    throw new ShapeError(
      expectation(who, `${rows} rows (or one) of ${columns} columns`, shape, 'align the arguments'),
    );
  }
}
