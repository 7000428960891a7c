import { rowsByClass } from '../../core/classes.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';

export interface BatchOptions {
  /** Most items of a batch. */
  readonly batchSize: number;
  /** Items of each class, fewer of a smaller class; at least 2 and at most half a batch. */
  readonly perClass: number;
}

/**
 * Batches of classes drawn at random, each class as likely as the next, and of distinct items within each. Items without
 * another of their class cannot be anchors; together they count as one more class, which gives negatives alone.
 * A batch depends on its number and nothing else, so a training that goes on needs no state of this.
 */
export class VectorBatches {
  /** Items that have no other of their class. */
  readonly singles: number;
  private readonly groups: readonly Int32Array[];

  /**
   * @param rows    those that train
   * @param classes of all rows
   * @throws UsageError unless there are two classes, one of them with two items
   */
  constructor(
    rows: Int32Array,
    classes: Int32Array,
    private readonly options: BatchOptions,
    private readonly rng: Rng,
  ) {
    const members = rowsByClass(Int32Array.from(rows, (row) => classes[row])).map((places) =>
      Int32Array.from(places, (place) => rows[place]),
    );
    const anchors = members.filter(({ length }) => length > 1);
    const singles = members.filter(({ length }) => length === 1).map(([row]) => row);
    this.singles = singles.length;
    this.groups = singles.length > 0 ? [...anchors, Int32Array.from(singles)] : anchors;
    if (anchors.length >= 1 && this.groups.length >= 2) return;
    const got = `${members.length} classes, ${anchors.length} of two items`;
    throw new UsageError(expectation('batches', 'two classes, one of two items', got, 'pass more items'));
  }

  /** Rows of batch `step`, of at least two classes. */
  draw(step: number): Int32Array {
    const { batchSize, perClass } = this.options;
    const rng = this.rng.split(`batch ${step}`);
    // Two items or more of each class: more than half a batch of classes are never needed.
    const wanted = Math.min(this.groups.length, Math.max(2, Math.ceil(batchSize / 2)));
    const batch: number[] = [];
    for (const [i, group] of distinct(this.groups.length, wanted, rng).entries()) {
      const take = Math.min(perClass, this.groups[group].length);
      if (i >= 2 && batch.length + take > batchSize) break;
      for (const place of distinct(this.groups[group].length, take, rng))
        batch.push(this.groups[group][place]);
    }
    return Int32Array.from(batch);
  }
}

/**
 * `count` different whole numbers below n in random order, in a time that does not depend on n.
 * @source Floyd, in Bentley 1987, "Programming pearls: a sample of brilliance", CACM 30(9), algorithm F2
 */
function distinct(n: number, count: number, rng: Rng): Int32Array {
  const chosen = new Set<number>();
  for (let j = n - count; j < n; j++) {
    const drawn = rng.below(j + 1);
    chosen.add(chosen.has(drawn) ? j : drawn);
  }
  return rng.shuffle(Int32Array.from(chosen));
}
