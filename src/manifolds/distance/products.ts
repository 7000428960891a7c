import { fused } from '../../engine/fused.js';
import { borrowFloats } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import { closedForm, scaled } from '../closed/closedForm.js';

/**
 * base - factor x·y of all pairs, float32, with first and second derivatives. Where fused kernels are registered, values
 * and pulls stay on the host, where the kernels of losses read them.
 * @param x [n, columns] @param y [m, columns] @returns [n, m]
 */
export function productDistance(x: tf.Tensor2D, y: tf.Tensor2D, base: number, factor = 1): tf.Tensor2D {
  const [columns, one] = [x.shape[1], x === y];
  const composed = (a: tf.Tensor2D, b = a): tf.Tensor2D =>
    tf.sub(base, scaled(tf.matMul(a, b, false, true) as tf.Tensor2D, factor));
  const cosines = fused('classes')?.cosines;
  if (!cosines || columns === 0) return composed(x, y);
  const callOf = (a: tf.Tensor2D, b?: tf.Tensor2D) => ({
    items: borrowFloats(a),
    ...(b && { vectors: borrowFloats(b) }),
    ...{ columns, factor: -factor, unitItems: false, unitVectors: false },
  });
  return closedForm<tf.Tensor2D, tf.Tensor2D[]>(
    one ? [x] : [x, y],
    composed,
    (a, b) => ({
      value: tf.tensor2d(cosines.logits(callOf(a, b), base), [a.shape[0], (b ?? a).shape[0]]),
      kept: [],
    }),
    (dy, [a, b]) => {
      const { items, vectors } = cosines.gradients(callOf(a, b), { entries: borrowFloats(dy) });
      const toA = tf.tensor2d(items, a.shape);
      return b ? [toA, tf.tensor2d(vectors, b.shape)] : [toA];
    },
  );
}
