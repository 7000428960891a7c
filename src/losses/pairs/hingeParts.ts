import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { pairTerms, type Terms, whileKept } from '../terms.js';
import type { FusedTerms } from './fusedTerms.js';

/** What positives cost and what negatives cost, reduced apart. */
export type HingeParts = Readonly<Record<'positive' | 'negative', Terms>>;

/**
 * @param pairs the parts with a value a pair, [n, m]
 * @param fused both summed over each anchor by the fused kernels; absent where these are not registered
 */
export function hingeParts(
  plan: PairPlan,
  pairs: Readonly<Record<keyof HingeParts, () => Terms>>,
  fused: (() => FusedTerms<'hinges'> | FusedTerms<'squares'>) | undefined,
): HingeParts {
  if (!fused) return { positive: pairs.positive(), negative: pairs.negative() };
  const sums = whileKept(() => {
    const { values, terms } = fused();
    const { nearActive, farActive, positives, negatives } = terms.of;
    return [...values, ...[nearActive, farActive, positives, negatives].map((row) => tf.tensor1d(row))];
  });
  const ofAnchors = (side: 0 | 1) => () => {
    const [values, active, counts] = [0, 2, 4].map((k) => sums.get()[k + side]);
    return { values, active, counts };
  };
  return {
    positive: pairTerms(() => pairs.positive().values, plan.positives, ofAnchors(0)),
    negative: pairTerms(() => pairs.negative().values, plan.negatives, ofAnchors(1)),
  };
}
