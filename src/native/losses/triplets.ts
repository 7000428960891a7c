import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import { lendFloats } from '../../core/floatPool.js';
import type { NativeBinding } from '../binding.js';
import { threadCount } from '../control.js';

/** Row-major [anchors, references]: distances, and masks, of which an entry above 0 is a one. */
export interface TripletCall {
  readonly distances: Float32Array;
  readonly positives: Float32Array;
  readonly negatives: Float32Array;
  readonly anchors: number;
  readonly references: number;
  readonly margin: number;
  /** Default: one a core. No result depends on it. */
  readonly threads?: number;
}

export interface TripletSums {
  /** [anchors]: Σ max(0, v) over the triplets of each, v = d_ap - d_an + margin. */
  readonly sums: Float32Array;
  /** [anchors]: how many v are above 0. */
  readonly active: Float32Array;
  /** [anchors, references]: derivatives of the sums. */
  readonly slope: Float32Array;
}

/**
 * Added up in float64. A sum is NaN where a distance of its triplets is NaN, which itself is in no triplet above 0; no sum
 * is finite where one of them is not.
 * @throws ShapeError where a length does not fit; DomainError unless the margin is finite
 */
export type NativeTriplets = (call: TripletCall) => TripletSums;

export function nativeTriplets(binding: NativeBinding): NativeTriplets {
  return ({ distances, positives, negatives, anchors, references, margin, threads }) => {
    const cells = anchors * references;
    for (const [name, { length }] of Object.entries({ distances, positives, negatives })) {
      if (length === cells) continue;
      const expected = `${anchors} x ${references} values`;
      throw new ShapeError(expectation(`triplets ${name}`, expected, length, 'pass one for each pair'));
    }
    if (!Number.isFinite(margin)) {
      throw new DomainError(expectation('triplets margin', 'a finite number', margin, 'check this argument'));
    }
    const [sums, active] = [new Float32Array(anchors), new Float32Array(anchors)];
    const slope = lendFloats(cells);
    const count = threadCount(threads);
    binding.tripletSums(distances, positives, negatives, references, margin, count, sums, active, slope);
    return { sums, active, slope };
  };
}
