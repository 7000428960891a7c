import { requireInteger } from '../../core/checks.js';
import type { Rng, RngState } from '../../core/rng.js';

/** Where an EpochOrder stands; plain JSON. */
export interface EpochState {
  readonly count: number;
  /** At the beginning of the epoch. */
  readonly rng: RngState;
  readonly next: number;
}

/** Goes through 0..count-1 in random order, again and again, each time in another. */
export class EpochOrder {
  private start: RngState;
  private order: Int32Array;
  private at = 0;

  /** @param rng for this order alone */
  constructor(
    private readonly count: number,
    private readonly rng: Rng,
  ) {
    this.start = rng.save();
    this.order = rng.permutation(count);
  }

  next(): number {
    if (this.at === this.count) this.begin(0);
    return this.order[this.at++];
  }

  save(): EpochState {
    return { count: this.count, rng: this.start, next: this.at };
  }

  /** @throws UsageError for the state of another count; nothing is changed then */
  restore(state: EpochState): void {
    requireInteger(state.count, this.count, 'sampler state count', this.count);
    requireInteger(state.next, 0, 'sampler state next', this.count);
    this.rng.restore(state.rng);
    this.begin(state.next);
  }

  private begin(next: number): void {
    this.start = this.rng.save();
    this.order = this.rng.permutation(this.count);
    this.at = next;
  }
}
