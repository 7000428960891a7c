import { requireNumber } from '../../core/checks.js';
import type { Compared, LossTerms } from '../terms.js';
import { hinges } from './hinge.js';
import { thresholdOf } from './ranges.js';

export interface ContrastiveOptions {
  /** Positives farther than this cost the difference. */
  readonly posMargin: number;
  /** Negatives nearer than this cost the difference. */
  readonly negMargin: number;
}

export const CONTRASTIVE_DEFAULTS: ContrastiveOptions = { posMargin: 0, negMargin: 1 };
export const CONTRASTIVE_REDUCER = 'avgNonZero';

/**
 * Parts `positive`, max(0, d - posMargin), and `negative`, max(0, negMargin - d); [n, m], a value a pair.
 * @param compared where `zero` is given, both margins are similarities: the positives cost max(0, posMargin - s), the
 *   negatives max(0, s - negMargin); cosine similarities want posMargin 1 and negMargin 0
 * @throws DomainError for a margin that is not finite
 * @source Hadsell, Chopra, LeCun 2006, "Dimensionality reduction by learning an invariant mapping", without the squares
 */
export function contrastiveLoss(compared: Compared, options: Partial<ContrastiveOptions> = {}): LossTerms {
  const { posMargin, negMargin } = { ...CONTRASTIVE_DEFAULTS, ...options };
  requireNumber(posMargin, 'contrastiveLoss posMargin');
  requireNumber(negMargin, 'contrastiveLoss negMargin');
  return hinges(compared, {
    positive: thresholdOf(compared, posMargin),
    negative: thresholdOf(compared, negMargin),
  });
}
