import { requireInteger, requireLength } from '../../core/checks.js';
import { rowsByClass } from '../../core/classes.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { Rng, RngState } from '../../core/rng.js';
import { EpochOrder, type EpochState } from './epochOrder.js';

export interface HierarchicalSamplerOptions {
  /** Items of a batch, a multiple of superClassesPerBatch. */
  readonly batchSize: number;
  /** Items of a class, a divisor of a super-class's share of the batch; 'all': as many as it has. */
  readonly perClass: number | 'all';
  readonly superClassesPerBatch?: number;
  /** How often each combination of super-classes comes in an epoch. */
  readonly batchesPerCombination?: number;
}

export const HIERARCHICAL_SAMPLER_DEFAULTS = { superClassesPerBatch: 2, batchesPerCombination: 4 } as const;

export interface HierarchicalState {
  readonly order: EpochState;
  readonly rng: RngState;
}

/** An epoch is held in memory, four bytes a batch. */
const MOST_BATCHES = 2 ** 24;

/**
 * Batches of a few super-classes, in equal parts, and within each of classes drawn at random: negatives of the same
 * super-class are the hard ones. Every combination of super-classes comes equally often in an epoch, in random order.
 */
export class HierarchicalSampler {
  /** super-class -> class -> rows */
  private readonly rows: readonly (readonly (readonly number[])[])[];
  private readonly options: Required<HierarchicalSamplerOptions>;
  private readonly order: EpochOrder;
  private readonly rng: Rng;

  /**
   * @param labels class of each item @param superLabels super-class of each item
   * @throws ShapeError for labels of two lengths; UsageError for counts that do not divide or are none, for fewer
   *   super-classes than a batch takes, and for more than 2^24 batches an epoch
   */
  constructor(
    labels: ArrayLike<number>,
    superLabels: ArrayLike<number>,
    options: HierarchicalSamplerOptions,
    rng: Rng,
  ) {
    requireLength(superLabels.length, labels.length, 'HierarchicalSampler superLabels');
    this.rows = rowsByClass(superLabels).map((rows) =>
      rowsByClass(rows.map((row) => labels[row])).map((places) => places.map((place) => rows[place])),
    );
    this.options = { ...HIERARCHICAL_SAMPLER_DEFAULTS, ...options };
    requireCounts(this.options, this.rows.length);
    this.order = new EpochOrder(this.batchesPerEpoch, rng.split('order'));
    this.rng = rng.split('items');
  }

  get batchesPerEpoch(): number {
    const { superClassesPerBatch, batchesPerCombination } = this.options;
    return combinations(this.rows.length, superClassesPerBatch) * batchesPerCombination;
  }

  /**
   * Rows of the next batch, in random order. A class of fewer items than perClass gives each of them about equally
   * often. The batch is smaller where a super-class has too few classes, or with 'all' no class that still fits.
   */
  draw(): Int32Array {
    const { batchSize, superClassesPerBatch, batchesPerCombination } = this.options;
    const combination = Math.floor(this.order.next() / batchesPerCombination);
    const room = batchSize / superClassesPerBatch;
    const batch = combinationAt(combination, this.rows.length, superClassesPerBatch).flatMap((superClass) =>
      this.drawFrom(this.rows[superClass], room),
    );
    return this.rng.shuffle(Int32Array.from(batch));
  }

  /** Plain JSON. */
  save(): HierarchicalState {
    return { order: this.order.save(), rng: this.rng.save() };
  }

  /** Goes on where `save` stood. @throws UsageError for another number of batches; nothing is changed then */
  restore(state: HierarchicalState): void {
    this.order.restore(state.order);
    this.rng.restore(state.rng);
  }

  private drawFrom(classes: readonly (readonly number[])[], room: number): number[] {
    const { perClass } = this.options;
    const drawn: number[] = [];
    for (const c of this.rng.permutation(classes.length)) {
      const count = perClass === 'all' ? classes[c].length : perClass;
      if (drawn.length + count > room) continue;
      for (let i = 0, rows: number[] = []; i < count; i++) {
        if (rows.length === 0) rows = this.rng.shuffle([...classes[c]]);
        drawn.push(rows.pop() as number);
      }
    }
    return drawn;
  }
}

function requireCounts(options: Required<HierarchicalSamplerOptions>, superClasses: number): void {
  const { batchSize, perClass, superClassesPerBatch, batchesPerCombination } = options;
  const who = 'HierarchicalSampler';
  requireInteger(superClassesPerBatch, 1, `${who} superClassesPerBatch`, superClasses);
  requireInteger(batchesPerCombination, 1, `${who} batchesPerCombination`);
  requireInteger(batchSize, 1, `${who} batchSize`);
  requireMultiple(batchSize, superClassesPerBatch, `${who} batchSize`);
  if (perClass !== 'all') {
    requireInteger(perClass, 1, `${who} perClass`);
    requireMultiple(batchSize / superClassesPerBatch, perClass, `${who} batchSize / superClassesPerBatch`);
  }
  const batches = combinations(superClasses, superClassesPerBatch) * batchesPerCombination;
  if (batches <= MOST_BATCHES) return;
  const remedy = 'take fewer super-classes a batch';
  throw new UsageError(expectation(who, `at most ${MOST_BATCHES} batches an epoch`, batches, remedy));
}

function requireMultiple(value: number, unit: number, who: string): void {
  if (value % unit === 0) return;
  throw new UsageError(expectation(who, `a multiple of ${unit}`, value, 'change one of the two'));
}

function combinations(n: number, k: number): number {
  let count = 1;
  for (let i = 1; i <= k; i++) count = (count * (n - k + i)) / i;
  return count;
}

/** The combination of k of 0..n-1 that stands at `index` in lexicographic order. */
function combinationAt(index: number, n: number, k: number): number[] {
  const chosen: number[] = [];
  let rest = index;
  for (let item = 0; chosen.length < k; item++) {
    const withItem = combinations(n - item - 1, k - chosen.length - 1);
    if (rest < withItem) chosen.push(item);
    else rest -= withItem;
  }
  return chosen;
}
