import { requirePositive, requireWithin } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import type { LossTerms } from '../terms.js';
import { itemTerms } from './itemTerms.js';
import { type Margin, marginCrossEntropy } from './marginCrossEntropy.js';
import { type Classified, similaritiesTo } from './similarities.js';

export interface CosFaceOptions {
  /** Taken from the similarity to the item's own class, >= 0. */
  readonly margin?: number;
  /** What turns similarities into logits, > 0. */
  readonly scale?: number;
}
export const COS_FACE_DEFAULTS = { margin: 0.35, scale: 64 } as const;
export const COS_FACE_REDUCER = 'mean';

/**
 * Softmax over scaled similarities to the classes, that to the item's own class lowered by a margin: value [n], nats.
 * @throws ShapeError for shapes that do not belong together, DomainError for labels or options out of range
 * @source Wang et al. 2018, CosFace, arXiv:1801.09414, eq. 4
 */
export function cosFace(input: Classified, options: CosFaceOptions = {}): LossTerms {
  const { margin, scale } = { ...COS_FACE_DEFAULTS, ...options };
  requireWithin(margin, 0, 'cosFace margin');
  requirePositive(scale, 'cosFace scale');
  const { scaled, classes } = similaritiesTo(input, scale, 'cosFace');
  return itemTerms(input, () => marginCrossEntropy(scaled, classes, { margin: lowered(margin), scale }));
}

/** f(s) = s - margin. */
export function lowered(margin: number): Margin {
  return (own) => ({ value: tf.sub(own, margin) as tf.Tensor2D, slope: 1 });
}
