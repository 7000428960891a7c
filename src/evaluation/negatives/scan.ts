import { DomainError, expectation } from '../../core/errors.js';
import { anchorHardness, DividedRow } from '../../geometry/hardness.js';
import type { NegativesResult } from '../../native/index.js';
import { pearson } from '../correlation.js';
import { ascendingOrder, ranksInOrder, smallest, widestInversion } from './order.js';

export interface ScanPlan {
  /** Temperatures at which each arm's p(x-) is taken. */
  readonly temperatures: readonly (readonly number[])[];
  /** Hardest negatives that are kept of each anchor. */
  readonly depth: number;
  /** Share of an anchor's positives that has to lie farther than a negative within reach: see reachOf. */
  readonly quantile: number;
  /** Arms whose orders of all negatives are compared. */
  readonly pairs: readonly (readonly [number, number])[];
}

/** p(x-) of one arm at one temperature; arrays have one value an anchor. */
export interface WeightScan {
  readonly temperature: number;
  readonly p: Float64Array;
  /** See AnchorHardness. */
  readonly mass: Float64Array;
  readonly effective: Float64Array;
  readonly entropyEffective: Float64Array;
}

/** What is kept of one arm's distances; arrays have one value an anchor, or `depth`. */
export interface ArmScan {
  /** Rows of the hardest negatives, -1 beyond the last. */
  readonly nearest: Int32Array;
  /** Their distances, ascending, NaN beyond the last. */
  readonly distances: Float64Array;
  readonly weights: readonly WeightScan[];
  /** Variance of the distances to all negatives. */
  readonly variance: Float64Array;
  /** Negatives nearer than the nearest positive. */
  readonly nearer: Int32Array;
  /** Negatives within the reach of the positives. */
  readonly within: Int32Array;
}

export interface PairScan {
  /** Rank correlation of the distances to all negatives; NaN where one side is constant. */
  readonly spearman: Float64Array;
  /** Widest gap between two distances of the first arm that the second orders otherwise, in standard deviations. */
  readonly inversion: Float64Array;
}

/** The statistics of anchors, arm by arm. Distances are looked at once, anchor by anchor, and not kept. */
export class Scan {
  readonly arms: readonly ArmScan[];
  /** In the order of the plan's pairs; empty arrays unless `ranked`. */
  readonly pairs: readonly PairScan[];
  /** Number of negatives of each anchor. */
  readonly negatives: Int32Array;
  /** Chance of another positive to be within the reach: see reachOf. */
  readonly expected: Float64Array;
  private rows: DividedRow[] = [];
  private width = 0;

  /** @param anchors rows @param ranked whether all negatives of an anchor are put in order */
  constructor(
    readonly plan: ScanPlan,
    readonly anchors: Int32Array,
    readonly ranked: boolean,
  ) {
    const n = anchors.length;
    const column = () => new Float64Array(n).fill(Number.NaN);
    this.negatives = new Int32Array(n);
    this.expected = column();
    this.arms = plan.temperatures.map((temperatures) => ({
      nearest: new Int32Array(n * plan.depth).fill(-1),
      distances: new Float64Array(n * plan.depth).fill(Number.NaN),
      weights: temperatures.map((temperature) => ({
        temperature,
        ...{ p: column(), mass: column(), effective: column(), entropyEffective: column() },
      })),
      variance: column(),
      nearer: new Int32Array(n),
      within: new Int32Array(n),
    }));
    this.pairs = plan.pairs.map(() =>
      ranked
        ? { spearman: column(), inversion: column() }
        : { spearman: new Float64Array(0), inversion: new Float64Array(0) },
    );
  }

  /**
   * All arms of one anchor.
   * @param slot place of the anchor among `anchors`
   * @param distances one row an arm, to the items of `classes`
   * @param self the anchor's own place among them
   * @param rows rows of these items; without it their places
   * @throws DomainError naming the anchor where a distance is not finite
   */
  take(
    slot: number,
    distances: readonly Float64Array[],
    classes: Int32Array,
    self: number,
    rows?: Int32Array,
  ): void {
    const orders = distances.map((d, arm) => this.takeArm(slot, arm, d, classes, self, rows));
    if (!this.ranked) return;
    const negatives = this.rows.map((row) => row.negatives);
    const ranks = orders.map((order, arm) => ranksInOrder(negatives[arm], order));
    for (const [pair, [a, b]] of this.plan.pairs.entries()) {
      const { spearman, inversion } = this.pairs[pair];
      spearman[slot] = pearson(ranks[a], ranks[b]);
      const gap = widestInversion(negatives[a], orders[a], negatives[b]);
      inversion[slot] = gap === 0 ? 0 : gap / Math.sqrt(this.arms[a].variance[slot]);
    }
  }

  /**
   * What the addon found of an arm's anchors from `slot` on.
   * @throws DomainError naming an anchor with a distance that is not finite
   */
  put(arm: number, slot: number, found: NegativesResult): void {
    const { depth } = this.plan;
    const { nearest, distances, weights, variance, nearer, within } = this.arms[arm];
    nearest.set(found.nearest, slot * depth);
    distances.set(found.distances, slot * depth);
    variance.set(found.variance, slot);
    this.expected.set(found.expected, slot);
    for (let i = 0; i < found.variance.length; i++) {
      const at = slot + i;
      if (Number.isNaN(variance[at])) refuseDistances(this.anchors[at]);
      [this.negatives[at], nearer[at], within[at]] = found.counts.subarray(3 * i, 3 * i + 3);
      for (const [t, weight] of weights.entries()) {
        const sums = found.sums.subarray(4 * (i * weights.length + t));
        [weight.p[at], weight.mass[at], weight.effective[at], weight.entropyEffective[at]] = sums;
      }
    }
  }

  /** One arm of one anchor, as `take`; gives the order of its negatives, or of the hardest unless `ranked`. */
  takeArm(
    slot: number,
    arm: number,
    d: Float64Array,
    classes: Int32Array,
    self: number,
    rows?: Int32Array,
  ): Int32Array {
    const { depth, quantile } = this.plan;
    if (d.length > this.width) {
      this.width = d.length;
      this.rows = this.arms.map(() => new DividedRow(d.length));
    }
    const divided = this.rows[arm];
    divided.take(d, classes, self);
    const { positives, negatives, columns } = divided;
    const { nearest, distances, weights, variance, nearer, within } = this.arms[arm];
    const order = this.ranked ? ascendingOrder(negatives) : smallest(negatives, depth);
    this.negatives[slot] = negatives.length;
    for (let r = 0; r < Math.min(depth, order.length); r++) {
      const column = columns[order[r]];
      nearest[slot * depth + r] = rows ? rows[column] : column;
      distances[slot * depth + r] = negatives[order[r]];
    }
    for (const { temperature, p, mass, effective, entropyEffective } of weights) {
      const hardness = anchorHardness(positives, negatives, temperature);
      p[slot] = hardness.p;
      mass[slot] = hardness.mass;
      effective[slot] = hardness.effective;
      entropyEffective[slot] = hardness.entropyEffective;
    }
    variance[slot] = varianceOf(negatives);
    const { nearestPositive, reach, chance } = reachOf(positives, quantile);
    this.expected[slot] = chance;
    // NaN sorts last, and no comparison with it holds.
    if (
      !(
        variance[slot] < Number.POSITIVE_INFINITY &&
        positives[positives.length - 1] < Number.POSITIVE_INFINITY
      )
    )
      refuseDistances(this.anchors[slot]);
    let [closer, inside] = [0, 0];
    for (let k = 0; k < negatives.length; k++) {
      if (negatives[k] < nearestPositive) closer++;
      if (negatives[k] <= reach) inside++;
    }
    nearer[slot] = closer;
    within[slot] = inside;
    return order;
  }
}

function refuseDistances(row: number): never {
  const remedy = 'scale the vectors down';
  throw new DomainError(
    expectation(`distances of row ${row}`, 'finite numbers whose squares are finite', 'others', remedy),
  );
}

interface Reach {
  readonly nearestPositive: number;
  readonly reach: number;
  readonly chance: number;
}

/**
 * The distance that holds the nearest ⌈quantile m⌉ of an anchor's m positives, and the chance of one more positive, drawn
 * as these were, to lie within it: ⌈quantile m⌉ / (m + 1), whatever the distribution. Sorts.
 * @source the rank of one among m + 1 exchangeable values is uniform: Vovk, Gammerman, Shafer 2005, "Algorithmic
 *   learning in a random world", section 2.2
 */
function reachOf(positives: Float64Array, quantile: number): Reach {
  positives.sort();
  const m = positives.length;
  const held = Math.max(1, Math.ceil(quantile * m));
  return { nearestPositive: positives[0], reach: positives[held - 1], chance: held / (m + 1) };
}

function varianceOf(values: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k];
  const mean = sum / values.length;
  let squares = 0;
  for (let k = 0; k < values.length; k++) squares += (values[k] - mean) ** 2;
  return squares / values.length;
}
