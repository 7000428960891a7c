import { requireFinite, requireInteger } from '../../core/checks.js';
import { DomainError, expectation } from '../../core/errors.js';
import type { Rng, RngState } from '../../core/rng.js';
import { drawByWeight } from '../drawByWeight.js';
import { pairsOfTuples, type Tuples } from '../miners/tuples.js';

export interface TupleWeightOptions {
  /** Row of the data set of each item that was mined; absent: items are rows. Rows that were not mined weigh 0. */
  readonly subset?: ArrayLike<number>;
  /** 'anchors' where the references are other items. Default 'both': every member of a tuple counts. */
  readonly members?: 'both' | 'anchors';
}

/**
 * How often each row is a member of a tuple, relative to the row that is it most often: [rows], 0..1. With no tuples at
 * all, every row that was mined weighs 1.
 * @throws UsageError for tuples or a subset of rows that are not there
 */
export function weightsOfTuples(
  tuples: Tuples,
  rows: number,
  { subset, members = 'both' }: TupleWeightOptions = {},
): Float64Array {
  const weights = new Float64Array(rows);
  const items = subset?.length ?? rows;
  const rowOf = (item: number): number => {
    requireInteger(item, 0, 'weightsOfTuples item', items - 1);
    const row = subset ? subset[item] : item;
    requireInteger(row, 0, `weightsOfTuples subset[${item}]`, rows - 1);
    return row;
  };
  const count = (list: Int32Array) => {
    for (const item of list) weights[rowOf(item)]++;
  };
  for (const list of membersOf(tuples, members)) count(list);
  const most = weights.reduce((a, b) => Math.max(a, b), 0);
  if (most > 0) return weights.map((weight) => weight / most);
  for (let item = 0; item < items; item++) weights[rowOf(item)] = 1;
  return weights;
}

/** A triplet is one occurrence of its anchor, two pairs are two. */
function membersOf(tuples: Tuples, members: 'both' | 'anchors'): Int32Array[] {
  const { positives, negatives } = pairsOfTuples(tuples);
  const anchors = tuples.kind === 'triplets' ? [tuples.anchors] : [positives[0], negatives[0]];
  return members === 'anchors' ? anchors : [...anchors, positives[1], negatives[1]];
}

/** Rows drawn independently, with repetition, each with a probability proportional to its weight. */
export class WeightedSampler {
  private upTo = new Float64Array();

  /** @param weights one a row, >= 0 @throws as setWeights */
  constructor(
    weights: ArrayLike<number>,
    private readonly rng: Rng,
  ) {
    this.setWeights(weights);
  }

  /** New weights, after mining again. @throws DomainError for a weight that is not finite and >= 0, or none above 0 */
  setWeights(weights: ArrayLike<number>): void {
    requireFinite(weights, 1, 'WeightedSampler weights');
    let total = 0;
    const upTo = Float64Array.from(weights, (weight, row) => {
      if (!(weight >= 0)) refuse(` row ${row}`, 'a number >= 0', weight);
      total += weight;
      return total;
    });
    if (!(total > 0)) refuse('', 'a weight above 0', 'none');
    this.upTo = upTo;
  }

  draw(count: number): Int32Array {
    requireInteger(count, 0, 'WeightedSampler count');
    return Int32Array.from({ length: count }, () => drawByWeight(this.upTo, this.upTo.length, this.rng));
  }

  /** Plain JSON; the weights are the caller's. */
  save(): RngState {
    return this.rng.save();
  }

  restore(state: RngState): void {
    this.rng.restore(state);
  }
}

function refuse(at: string, expected: string, got: unknown): never {
  const remedy = 'take those of weightsOfTuples';
  throw new DomainError(expectation(`WeightedSampler weights${at}`, expected, got, remedy));
}
