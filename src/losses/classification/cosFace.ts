import { requirePositive, requireWithin } from '../../core/checks.js';
import type { LossTerms } from '../terms.js';
import type { Classified } from './similarities.js';
import { softmaxTerms } from './softmaxTerms.js';

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
  return softmaxTerms(input, scale, 'cosFace', margin);
}
