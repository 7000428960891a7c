import { fused } from '../../engine/fused.js';
import { borrowFloats } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import type { ChannelProduct, CouplingPlan } from '../../symmetry/so3/channelProduct.js';

/**
 * Products of a signal with itself, channel by channel: rows [(l + 1)², columns], a column for each channel of each item,
 * -> [rows of the product, columns]. Differentiable once. On the host one native pass over the terms that are not zero, of
 * which the gradient is another; on a device gathered rows and a sum by segments.
 * @param product of channelProduct
 */
export function channelProducts(product: ChannelProduct, rows: tf.Tensor2D): tf.Tensor2D {
  const op = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: coupled(product.forward, x as tf.Tensor2D, x as tf.Tensor2D),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        coupled(product.backward, dy as tf.Tensor2D, saved[0] as tf.Tensor2D),
    };
  });
  return op(rows) as tf.Tensor2D;
}

function coupled(plan: CouplingPlan, a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  const kernel = fused('couplings');
  const columns = b.shape[1];
  if (kernel) {
    const [x, y] = a === b ? [borrowFloats(a)] : [borrowFloats(a), borrowFloats(b)];
    return tf.tensor2d(kernel(plan, x, y ?? x, columns), [plan.outRows, columns]);
  }
  return tf.tidy(() => {
    const { factors, others, coefficients, outRows } = plan;
    const terms = tf.mul(
      tf.mul(tf.gather(a, factors), tf.gather(b, others)),
      tf.tensor2d(coefficients, [coefficients.length, 1]),
    );
    return tf.unsortedSegmentSum(terms, segmentsOf(plan), outRows) as tf.Tensor2D;
  });
}

/** The row of the result of each term. */
function segmentsOf({ starts, factors }: CouplingPlan): tf.Tensor1D {
  const rows = new Int32Array(factors.length);
  for (let r = 0; r + 1 < starts.length; r++) rows.fill(r, starts[r], starts[r + 1]);
  return tf.tensor1d(rows, 'int32');
}
