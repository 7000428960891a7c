import { requireInteger } from '../../core/checks.js';
import { rowsByClass } from '../../core/classes.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';
import { EpochOrder, type EpochState } from './epochOrder.js';

/**
 * Batches of triplets that are drawn once and stay the same: a data set of which nothing but these comparisons is
 * known. Each triplet is seen once before any is seen again.
 */
export class FixedTripletSampler {
  /** [3 * count] rows: anchor, positive, negative of one triplet after another. */
  readonly triplets: Int32Array;
  private readonly order: EpochOrder;

  /**
   * Of each triplet the anchor's class is drawn evenly among the classes of at least two items, the negative's among
   * the other classes, and the items evenly in their class.
   * @param labels one class an item @param count triplets, >= 1 @param perBatch triplets of a batch, >= 1
   * @throws UsageError for counts that are none, fewer than two classes, or classes of one item only
   */
  constructor(
    labels: ArrayLike<number>,
    count: number,
    private readonly perBatch: number,
    rng: Rng,
  ) {
    requireInteger(count, 1, 'FixedTripletSampler count');
    requireInteger(perBatch, 1, 'FixedTripletSampler perBatch');
    this.triplets = drawTriplets(rowsByClass(labels), count, rng.split('triplets'));
    this.order = new EpochOrder(count, rng.split('order'));
  }

  /** [3 * perBatch] rows of the next triplets, one after another, as packagedTripletsMiner expects them. */
  draw(): Int32Array {
    const batch = new Int32Array(3 * this.perBatch);
    for (let k = 0; k < this.perBatch; k++) {
      const triplet = 3 * this.order.next();
      batch.set(this.triplets.subarray(triplet, triplet + 3), 3 * k);
    }
    return batch;
  }

  /** Plain JSON. The triplets themselves come from the seed. */
  save(): EpochState {
    return this.order.save();
  }

  /** Goes on where `save` stood. @throws UsageError for another number of triplets; nothing is changed then */
  restore(state: EpochState): void {
    this.order.restore(state);
  }
}

function drawTriplets(classes: readonly (readonly number[])[], count: number, rng: Rng): Int32Array {
  const anchorClasses = classes.flatMap((rows, c) => (rows.length >= 2 ? [c] : []));
  if (anchorClasses.length === 0 || classes.length < 2) {
    const sizes = classes.map((rows) => rows.length);
    const expected = 'two classes, one of them with two items';
    throw new UsageError(
      expectation('FixedTripletSampler labels', expected, `classes of ${sizes} items`, 'add items'),
    );
  }
  const triplets = new Int32Array(3 * count);
  for (let k = 0; k < count; k++) {
    const own = anchorClasses[rng.below(anchorClasses.length)];
    const another = rng.below(classes.length - 1);
    const rows = classes[own];
    const others = classes[another < own ? another : another + 1];
    const anchor = rng.below(rows.length);
    const positive = rng.below(rows.length - 1);
    triplets[3 * k] = rows[anchor];
    triplets[3 * k + 1] = rows[positive < anchor ? positive : positive + 1];
    triplets[3 * k + 2] = others[rng.below(others.length)];
  }
  return triplets;
}
