import type { Metrics, RetrievalScores } from '../core/records.js';
import { isDrawable, percent } from './format.js';
import { standardError } from './scores.js';

/** How a share `a` stands to a share `b`, by the rule of two standard errors of their difference. */
export interface Verdict {
  readonly kind: 'higher' | 'lower' | 'tie' | 'equal' | 'unknown';
  /** a - b. */
  readonly difference: number;
  readonly standardError: number;
}

/**
 * Compares two shares measured on n queries each. The error of the difference is that of independent samples; for
 * the same queries it is too large rather than too small, so that a "higher" or "lower" stands and a "tie" may hide
 * a small difference.
 */
export function compareShares(a: number, b: number, n: number): Verdict {
  const difference = a - b;
  const error = Math.hypot(standardError(a, n), standardError(b, n));
  const verdict = (kind: Verdict['kind']) => ({ kind, difference, standardError: error });
  if (!isDrawable(difference) || !isDrawable(error)) return verdict('unknown');
  if (difference === 0) return verdict('equal');
  if (Math.abs(difference) <= 2 * error) return verdict('tie');
  return verdict(difference > 0 ? 'higher' : 'lower');
}

/** A difference of shares in percentage points; two decimals, since ties are smaller than one. */
function points(share: number): string {
  return (100 * share).toFixed(2);
}

/** Whether both heads together find more than the better one of them alone. */
export function ensembleSentence(
  { euclidean, hyperbolic, ensemble }: Metrics['retrieval'],
  queries: number,
  feeding: 'unit' | 'free',
): string {
  const [e, h, both] = [euclidean.recallAt1, hyperbolic.recallAt1, ensemble.recallAt1];
  if (e === h && h === both && queries > 0) {
    const alike = equal(euclidean, hyperbolic) && equal(hyperbolic, ensemble);
    const reason =
      feeding === 'unit' && alike
        ? 'With unit-norm feeding this has to be so: both heads get codes of length 1, and on such codes both distances grow together, so they rank neighbours alike.'
        : 'That is a null result: the second head added nothing here.';
    return `The two heads and their combination have the same Recall@1, ${percent(both)}. ${reason}`;
  }
  const [name, best] = e >= h ? ['Euclidean', e] : ['hyperbolic', h];
  const verdict = compareShares(both, best, queries);
  const against = `against ${percent(best)} for the better single head (${name})`;
  const size = `a difference of ${points(verdict.difference)} points with a standard error of ${points(verdict.standardError)}`;
  switch (verdict.kind) {
    case 'unknown':
      return 'Whether both heads together beat a single one cannot be said: a score is missing.';
    case 'equal':
      return `Both heads together reach ${percent(both)}, exactly as much as the better single head (${name}): a null result for the ensemble.`;
    case 'tie':
      return `Both heads together reach ${percent(both)} ${against}: ${size}. That is within the noise, so it is a null result: no gain from the ensemble was measured.`;
    case 'higher':
      return `Both heads together reach ${percent(both)} ${against}: ${size}. The ensemble beats either head alone.`;
    case 'lower':
      return `Both heads together reach ${percent(both)} ${against}: ${size}. The ensemble is worse than its better head.`;
  }
}

function equal(a: RetrievalScores, b: RetrievalScores): boolean {
  return a.recallAt1 === b.recallAt1 && a.recallAt10 === b.recallAt10 && a.mapAtR === b.mapAtR;
}

/** How both heads together stand to a rival outside the model. */
export function rivalSentence(
  retrieval: Metrics['retrieval'],
  rival: 'noInvariance' | 'rawPixels',
  queries: number,
): string {
  const who =
    rival === 'noInvariance' ? 'the network without built-in invariance' : 'a comparison of raw pixels';
  const share = retrieval[rival].recallAt1;
  const { kind, difference } = compareShares(retrieval.ensemble.recallAt1, share, queries);
  if (kind === 'unknown') return `How they stand to ${who} is not known.`;
  if (kind === 'equal' || kind === 'tie')
    return `Against ${who} (${percent(share)}) no difference was measured.`;
  const gap = (100 * Math.abs(difference)).toFixed(1);
  return `They are ${gap} points ${kind === 'higher' ? 'above' : 'below'} ${who} (${percent(share)}).`;
}
