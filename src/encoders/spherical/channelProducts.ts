import { fused } from '../../engine/fused.js';
import { borrowFloats } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import type { PlanTables } from './productTables.js';

/**
 * Products of a signal with itself, channel by channel: rows [(l + 1)², columns], a column for each channel of each item,
 * -> [rows of the product, columns]. Differentiable once. On the host one native pass over the terms that are not zero, of
 * which the gradient is another; on a device gathered rows and a sum by segments.
 */
export function channelProducts(
  tables: { readonly forward: PlanTables; readonly backward: PlanTables },
  rows: tf.Tensor2D,
): tf.Tensor2D {
  const op = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: coupled(tables.forward, x as tf.Tensor2D, x as tf.Tensor2D),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        coupled(tables.backward, dy as tf.Tensor2D, saved[0] as tf.Tensor2D),
    };
  });
  return op(rows) as tf.Tensor2D;
}

/** The sparse bilinear map of a plan. a [aRows, columns], b [bRows, columns] -> [outRows, columns]. No gradient. */
export function coupled(tables: PlanTables, a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  const kernel = fused('couplings');
  const { plan } = tables;
  const columns = b.shape[1];
  if (kernel) {
    const [x, y] = a === b ? [borrowFloats(a)] : [borrowFloats(a), borrowFloats(b)];
    return tf.tensor2d(kernel(plan, x, y ?? x, columns), [plan.outRows, columns]);
  }
  return tf.tidy(() => {
    const [factors, others, rows, coefficients] = tables.onDevice();
    const terms = tf.mul(tf.mul(tf.gather(a, factors), tf.gather(b, others)), coefficients);
    return tf.unsortedSegmentSum(terms, rows, plan.outRows) as tf.Tensor2D;
  });
}
