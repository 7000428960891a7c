import { rowsByClass } from '../core/classes.js';
import { expectation, UsageError } from '../core/errors.js';
import type { Rng, RngState } from '../core/rng.js';

export interface SamplerState {
  readonly rng: RngState;
  readonly order: readonly (readonly number[])[];
  readonly next: readonly number[];
}

/**
 * Batches with the same number of items of every class. Each class is gone through in random order and shuffled
 * anew when it is used up, so every item is seen before any is seen again.
 */
export class ClassBalancedSampler {
  private readonly order: Int32Array[];
  private readonly next: Int32Array;

  /**
   * @param labels one class an item, whole numbers >= 0
   * @param classes classes a batch, at most as many as there are; perClass: items of each
   * @throws UsageError when there are fewer classes
   */
  constructor(
    labels: ArrayLike<number>,
    private readonly classes: number,
    private readonly perClass: number,
    private readonly rng: Rng,
  ) {
    const members = rowsByClass(labels);
    if (members.length < classes) {
      throw new UsageError(
        expectation(
          'sampler',
          `at least ${classes} classes`,
          members.length,
          'lower training.classesPerBatch',
        ),
      );
    }
    this.order = members.map((rows) => rng.shuffle(Int32Array.from(rows)));
    this.next = new Int32Array(this.order.length);
  }

  get batchSize(): number {
    return this.classes * this.perClass;
  }

  /** Rows of the next batch, in random order. */
  draw(): Int32Array {
    const chosen = this.rng.permutation(this.order.length).subarray(0, this.classes);
    const batch = new Int32Array(this.batchSize);
    let at = 0;
    for (const c of chosen) {
      for (let i = 0; i < this.perClass; i++) {
        if (this.next[c] === this.order[c].length) {
          this.rng.shuffle(this.order[c]);
          this.next[c] = 0;
        }
        batch[at++] = this.order[c][this.next[c]++];
      }
    }
    return this.rng.shuffle(batch);
  }

  /** Plain JSON. */
  save(): SamplerState {
    return { rng: this.rng.save(), order: this.order.map((o) => [...o]), next: [...this.next] };
  }

  /** Goes on where `save` stood. @throws UsageError for the state of other labels; nothing is changed then */
  restore(state: SamplerState): void {
    const sizes = (lists: readonly ArrayLike<number>[]) => lists.map((list) => list.length).join(', ');
    if (sizes(state.order) !== sizes(this.order) || state.next.length !== this.order.length) {
      throw new UsageError(
        expectation(
          'sampler state',
          `classes of ${sizes(this.order)} items`,
          sizes(state.order),
          'resume with the data that the training began with',
        ),
      );
    }
    this.rng.restore(state.rng);
    for (const [c, order] of state.order.entries()) this.order[c].set(order);
    this.next.set(state.next);
  }
}
