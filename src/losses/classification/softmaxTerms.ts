import { fused } from '../../engine/fused.js';
import type * as tf from '../../engine/tf.js';
import type { LossTerms } from '../terms.js';
import { hostLabels } from './classes.js';
import { hostCrossEntropy } from './hostCrossEntropy.js';
import { termsOfSimilarities } from './hostLogits.js';
import { itemTerms } from './itemTerms.js';
import { lowered, marginCrossEntropy } from './marginCrossEntropy.js';
import { type Classified, similaritiesTo, sizesOf } from './similarities.js';

/**
 * Softmax over factor x similarity to the classes, that to the item's own class lowered by `margin`: value [n], nats. By
 * the fused kernels where they are, else on tensors. Call inside tidy.
 * @throws as sizesOf
 */
export function softmaxTerms(input: Classified, factor: number, who: string, margin = 0): LossTerms {
  const kernels = fused('classes');
  if (!kernels) {
    const { scaled, classes } = similaritiesTo(input, factor, who);
    const moved = margin === 0 ? undefined : { margin: lowered(margin), scale: factor };
    return itemTerms(input, () => marginCrossEntropy(scaled, classes, moved));
  }
  const { n, k } = sizesOf(input, who);
  const lower =
    margin === 0 ? undefined : (_: number, own: number) => ({ value: own - factor * margin, slope: 1 });
  return itemTerms(
    input,
    () =>
      termsOfSimilarities(kernels, input, factor, [n], (logits) =>
        hostCrossEntropy(kernels, { logits, labels: hostLabels(input.labels), classes: k }, lower),
      ) as tf.Tensor1D,
  );
}
