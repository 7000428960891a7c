import { requireInteger, requirePositive } from '../../core/checks.js';
import { type CosinePull, type FusedKernels, fused } from '../../engine/fused.js';
import * as tf from '../../engine/tf.js';
import { rowNorm } from '../../manifolds/stable.js';
import type { LossTerms } from '../terms.js';
import { hostLabels } from './classes.js';
import { hostCrossEntropy } from './hostCrossEntropy.js';
import { termsOfProducts } from './hostLogits.js';
import { itemTerms } from './itemTerms.js';
import { marginCrossEntropy } from './marginCrossEntropy.js';
import { multipleAngle, multipleAngleAt } from './multipleAngle.js';
import { type ClassifiedEmbeddings, classesFor, sizesOf } from './similarities.js';
import { unitRows } from './unitRows.js';

export interface MultiplicativeMarginOptions {
  /** What the angle between an item and its own class vector is multiplied by: a whole number >= 1. */
  readonly margin?: number;
  /** Factor of all logits, > 0. */
  readonly scale?: number;
}
export const LARGE_MARGIN_SOFTMAX_DEFAULTS = { margin: 4, scale: 1 } as const;
export const LARGE_MARGIN_SOFTMAX_REDUCER = 'mean';
export const SPHERE_FACE_DEFAULTS = { margin: 4, scale: 1 } as const;
export const SPHERE_FACE_REDUCER = 'mean';

/**
 * Softmax over the products x·w, with |x||w_y| f(θ_y) for the item's own class, f as in `multipleAngle`: value [n],
 * nats. The norms of items and class vectors count and have gradients.
 * @throws ShapeError for shapes that do not belong together, DomainError for labels or scale out of range, UsageError
 *   unless margin is a whole number >= 1
 * @source Liu et al. 2016, arXiv:1612.02295, eq. 4
 */
export function largeMarginSoftmax(
  input: ClassifiedEmbeddings,
  options: MultiplicativeMarginOptions = {},
): LossTerms {
  const who = 'largeMarginSoftmax';
  const { margin, scale } = checked({ ...LARGE_MARGIN_SOFTMAX_DEFAULTS, ...options }, who);
  const kernels = fused('classes');
  if (kernels) return onHost(kernels, input, { margin, scale, unitVectors: false, who });
  const { embeddings, classVectors } = input;
  const classes = classesFor(input, who);
  const items = scale === 1 ? embeddings : tf.mul(embeddings, scale);
  const logits = tf.matMul(items, classVectors, false, true) as tf.Tensor2D;
  const ownNorms = tf.gather(rowNorm(classVectors), classes.index);
  const norms = tf.mul(tf.mul(rowNorm(embeddings), ownNorms), scale) as tf.Tensor2D;
  return itemTerms(input, () =>
    marginCrossEntropy(logits, classes, { margin: multipleAngle(margin), scale: norms }),
  );
}

/**
 * `largeMarginSoftmax` over class vectors of norm 1, whatever norms they come with: only the items' norms count.
 * @throws as largeMarginSoftmax
 * @source Liu et al. 2017, SphereFace, arXiv:1704.08063, eq. 7
 */
export function sphereFace(
  input: ClassifiedEmbeddings,
  options: MultiplicativeMarginOptions = {},
): LossTerms {
  const { margin, scale } = checked({ ...SPHERE_FACE_DEFAULTS, ...options }, 'sphereFace');
  const kernels = fused('classes');
  if (kernels) return onHost(kernels, input, { margin, scale, unitVectors: true, who: 'sphereFace' });
  const { embeddings, classVectors } = input;
  const classes = classesFor(input, 'sphereFace');
  const logits = tf.matMul(embeddings, unitRows(classVectors, scale), false, true) as tf.Tensor2D;
  const norms = tf.mul(rowNorm(embeddings), scale) as tf.Tensor2D;
  return itemTerms(input, () =>
    marginCrossEntropy(logits, classes, { margin: multipleAngle(margin), scale: norms }),
  );
}

interface MultipleSetting {
  readonly margin: number;
  readonly scale: number;
  readonly unitVectors: boolean;
  readonly who: string;
}

/** With l_y = a cos θ and z_y = a f(cos θ), a = scale |x||w_y|: what z_y owes to a alone goes to the rows themselves. */
function onHost(
  kernels: FusedKernels['classes'],
  input: ClassifiedEmbeddings,
  setting: MultipleSetting,
): LossTerms {
  const { margin, scale, unitVectors, who } = setting;
  const { n, k } = sizesOf(input, who);
  const angle = multipleAngleAt(margin);
  const scaling = { factor: scale, unitItems: false, unitVectors };
  const values = () =>
    termsOfProducts(kernels, input, scaling, [n], (logits, call) => {
      const labels = hostLabels(input.labels);
      const { chords, itemNorms, vectorNorms } = kernels.cosines.ownAngles(call, labels, 1);
      const toScale = new Float64Array(n);
      const terms = hostCrossEntropy(kernels, { logits, labels, classes: k }, (i) => {
        const { value, slope } = angle(chords[i]);
        toScale[i] = value - slope * (1 - chords[i] / 2);
        const length = scale * itemNorms[i] * (unitVectors ? 1 : vectorNorms[labels[i]]);
        return { value: length * value, slope };
      });
      const pull = (dy: Float32Array): CosinePull => {
        const itemMultiples = new Float32Array(n);
        const vectorMultiples = new Float32Array(k);
        for (let i = 0; i < n; i++) {
          const toLength = dy[i] * terms.toOwn![i] * toScale[i] * scale;
          const [x, w] = [itemNorms[i], vectorNorms[labels[i]]];
          if (x > 0) itemMultiples[i] = (toLength * (unitVectors ? 1 : w)) / x;
          if (w > 0) vectorMultiples[labels[i]] += (toLength * x) / w;
        }
        return { ...terms.pull(dy), itemMultiples, ...(unitVectors ? {} : { vectorMultiples }) };
      };
      return { values: terms.values, pull };
    }) as tf.Tensor1D;
  return itemTerms(input, values);
}

function checked(options: Required<MultiplicativeMarginOptions>, who: string) {
  requireInteger(options.margin, 1, `${who} margin`);
  requirePositive(options.scale, `${who} scale`);
  return options;
}
