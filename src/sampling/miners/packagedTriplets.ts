import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import type { TripletTuples } from './tuples.js';

/**
 * The triplets of a batch that was put together from triplets: rows 3k, 3k + 1 and 3k + 2 are an anchor, its positive
 * and its negative, as FixedTripletSampler draws them. Distances and classes do not matter.
 * @throws ShapeError unless rows is a multiple of 3
 */
export function packagedTripletsMiner(rows: number): TripletTuples {
  requireInteger(rows, 0, 'packagedTripletsMiner rows');
  if (rows % 3 !== 0) {
    const remedy = 'pass whole triplets';
    throw new ShapeError(expectation('packagedTripletsMiner rows', 'a multiple of 3', rows, remedy));
  }
  const every = (first: number) => Int32Array.from({ length: rows / 3 }, (_, k) => 3 * k + first);
  return { kind: 'triplets', anchors: every(0), positives: every(1), negatives: every(2) };
}
