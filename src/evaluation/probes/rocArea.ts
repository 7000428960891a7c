import { requireFinite, requireLength } from '../../core/checks.js';
import { DomainError, expectation } from '../../core/errors.js';

/**
 * Area under the ROC curve: the share of pairs of a positive and a negative in which the positive scores higher, ties
 * half. 0.5 says nothing, 1 tells all apart.
 * @param scores finite, larger means more likely positive @param positive true or 1, false or 0
 * @throws ShapeError for other lengths; DomainError naming a score that is not finite, or without both sides
 * @source Hanley and McNeil 1982, Radiology 143:29
 */
export function rocArea(scores: ArrayLike<number>, positive: ArrayLike<boolean | number>): number {
  requireLength(positive.length, scores.length, 'rocArea positive');
  requireFinite(scores, 1, 'rocArea scores');
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let [positives, rankSum] = [0, 0];
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && scores[order[to]] === scores[order[from]]) to++;
    // Ranks from 1; equals share their mean.
    for (let r = from; r < to; r++) {
      if (!positive[order[r]]) continue;
      positives++;
      rankSum += (from + 1 + to) / 2;
    }
    from = to;
  }
  const negatives = order.length - positives;
  if (positives > 0 && negatives > 0) {
    return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
  }
  const got = `${positives} of ${order.length} positive`;
  throw new DomainError(expectation('rocArea', 'positives and negatives', got, 'add the other side'));
}
