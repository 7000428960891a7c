import { seesDirectionsAlone } from './radii.js';
import type { NegativesSummary, PairSummary } from './records.js';

/**
 * Whether two arms have to rank negatives alike, and whether they do.
 * forced: both see directions alone, and the order is the same, as it has to be for the same directions;
 * otherDirections: both see directions alone, but not the same ones;
 * sameOrder: radii differ, and yet the order is the same;
 * differs: radii differ, and so does the order.
 */
export type OrderVerdict = 'forced' | 'otherDirections' | 'sameOrder' | 'differs';

/**
 * Gaps that rounding of the points to float32 may turn round, in standard deviations of the distances: 1e-7 of a unit, more
 * between points that nearly coincide.
 */
export const ORDER_ROUNDING = 1e-4;

/** The verdict on a pair of a summary in blocks; undefined over the whole set, where not all negatives are in order. */
export function orderVerdict({ arms }: NegativesSummary, pair: PairSummary): OrderVerdict | undefined {
  if (pair.widestInversion === null) return undefined;
  const directions = pair.arms.every((arm) => seesDirectionsAlone(arms[arm].radii));
  const same = pair.widestInversion <= ORDER_ROUNDING;
  if (directions) return same ? 'forced' : 'otherDirections';
  return same ? 'sameOrder' : 'differs';
}
