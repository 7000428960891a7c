import { requirePositive } from '../../core/checks.js';
import type { Compared, LossTerms } from '../terms.js';
import { positiveSoftplus } from './positiveSoftplus.js';

export interface NtXentOptions {
  /** τ, in the unit of the distances, > 0. */
  readonly temperature: number;
}

export const NT_XENT_DEFAULTS: NtXentOptions = { temperature: 0.07 };
export const NT_XENT_REDUCER = 'mean';
export const NT_XENT_DISTANCE = 'cosine';

/**
 * Normalised temperature-scaled cross-entropy of each positive pair against the anchor's negatives: part `loss`, the
 * sum over the anchor's positives of
 *   log( 1 + Σ_n exp((d_ap - d_an) / τ) )
 * so that a positive is in no other positive's denominator. A positive of an anchor without negatives counts with
 * value 0. Once differentiable.
 * @param compared distances [n, m] of any space; 1 - cos by default
 * @throws DomainError unless temperature > 0
 * @source Sohn 2016, "Improved deep metric learning with multi-class N-pair loss objective"; Chen et al. 2020,
 *   arXiv:2002.05709, eq. 1
 */
export function ntXentLoss(compared: Compared, options: Partial<NtXentOptions> = {}): LossTerms {
  const { temperature } = { ...NT_XENT_DEFAULTS, ...options };
  requirePositive(temperature, 'ntXentLoss temperature');
  return { loss: positiveSoftplus(compared, -1 / temperature) };
}
