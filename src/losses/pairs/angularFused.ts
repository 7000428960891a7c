import type { FusedKernels } from '../../engine/fused.js';
import { floatsOf } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import type { Terms } from '../terms.js';
import { anchorOp } from './anchorOp.js';
import type { AngularExponents } from './angular.js';

/** As `angularBySlots`, by the addon: each anchor's positives and negatives are walked once, on all cores. */
export function angularByKernel(kernel: FusedKernels['angular'], exponents: AngularExponents): Terms {
  const { distances, plan, norms, zero, toNegatives, pull } = exponents;
  const items = distances.shape[0];
  const masks = { positives: floatsOf(plan.positives), negatives: floatsOf(plan.negatives) };
  const [values, active, counts] = anchorOp(norms ? [distances, norms] : [distances], ([d, lengths]) => {
    const scales = lengths
      ? floatsOf(lengths).map((length) => length * toNegatives)
      : new Float32Array(items).fill(toNegatives);
    const call = { distances: floatsOf(d), ...masks, scales, items, zero, pull };
    const { sums, active, counts, logarithms } = kernel.sums(call);
    return {
      rows: [sums, active, counts].map((row) => tf.tensor1d(row)),
      // Arrays of the host: nothing is saved on the device, and nothing read from it twice.
      gradient: (dy) => {
        const slopes = kernel.gradients(call, logarithms, floatsOf(dy));
        const toDistances = tf.tensor2d(slopes.distances, [items, items]);
        return lengths ? [toDistances, tf.mul(tf.tensor1d(slopes.scales), toNegatives)] : toDistances;
      },
    };
  });
  return { values, active, counts };
}
