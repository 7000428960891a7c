import { fused } from '../../engine/fused.js';
import * as tf from '../../engine/tf.js';
import type { LossTerms } from '../terms.js';
import { type Classes, entriesAlone, hostLabels } from './classes.js';
import { termsOfSimilarities } from './hostLogits.js';
import { itemTerms } from './itemTerms.js';
import { type Classified, similaritiesTo, sizesOf } from './similarities.js';

export const P2S_GRAD_REDUCER = 'mean';

/**
 * Mean over the classes of (cos - 1)² for the item's own and cos² for the others: value [n]. Its gradient to the angles
 * has no scale or margin to choose. The gradient to a class vector has no part along it: the length does not matter.
 * @throws ShapeError for shapes that do not belong together, DomainError for labels out of range
 * @source Zhang et al. 2019, P2SGrad, arXiv:1905.02479, eq. 11
 */
export function p2sGrad(input: Classified): LossTerms {
  const kernels = fused('classes');
  if (!kernels) {
    const { scaled, classes } = similaritiesTo(input, 1, 'p2sGrad');
    return itemTerms(input, () => meanSquaredError(scaled, classes));
  }
  const { n, k } = sizesOf(input, 'p2sGrad');
  return itemTerms(
    input,
    () =>
      termsOfSimilarities(kernels, input, 1, [n], (logits) => ({
        values: kernels.terms.squaredErrors({ logits, labels: hostLabels(input.labels), classes: k }),
        pull: (rows) => ({ entries: logits, rows }),
      })) as tf.Tensor1D,
  );
}

/** Mean over each row of (s - 1)² at the cell and s² elsewhere. */
function meanSquaredError(similarities: tf.Tensor2D, { cells, known }: Classes): tf.Tensor1D {
  const k = similarities.shape[1];
  const op = tf.customGrad((...args) => {
    const [s, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const target = tf.fill([s.shape[0], 1], 1) as tf.Tensor2D;
    const errors = tf.sub(s, entriesAlone(known ?? target, cells, k));
    save([errors]);
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
      tf.mul(saved, tf.mul(tf.reshape(dy, [-1, 1]), 2 / k));
    return { value: tf.mean(tf.square(errors), 1), gradFunc };
  });
  return op(similarities) as tf.Tensor1D;
}
