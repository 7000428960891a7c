import { requireFinite, requireInteger, requireLength, requireWithin } from '../../core/checks.js';
import { DomainError, expectation } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import { rowHistograms, type SoftBins, softBins } from '../ranking/softBins.js';
import type { Compared, LossTerms } from '../terms.js';
import { anchorOp } from './anchorOp.js';
import { type PositiveSlots, positiveSlots, slot } from './positiveSlots.js';

export interface DynamicSoftMarginOptions {
  /** The least difference d_ap - d_an of the histogram, < 0; the largest is its opposite. */
  readonly minValue: number;
  /** Bins of the histogram, >= 1. */
  readonly bins: number;
  /** Weight of a batch's histogram in the running one, in [0, 1]; the first batch has all of it. */
  readonly momentum: number;
}

export const DYNAMIC_SOFT_MARGIN_DEFAULTS: DynamicSoftMarginOptions = {
  minValue: -2,
  bins: 10,
  momentum: 0.01,
};
export const DYNAMIC_SOFT_MARGIN_REDUCER = 'mean';
export const DYNAMIC_SOFT_MARGIN_DISTANCE = 'normalizedEuclidean';

/**
 * Dynamic soft margin: x = d_ap - d_an of every triplet, weighted by the share of triplets seen so far whose x is
 * smaller. The histogram behind that share lives here; the weights are constants to the gradient.
 * @source Zhang and Rusinkiewicz 2019, "Learning local descriptors with a CDF-based dynamic soft margin", ICCV, eqs. 5
 *   to 7, over all triplets instead of the hardest. A batch's histogram is brought to sum 1 before it is mixed in, as
 *   there; pytorch-metric-learning mixes in the T counts themselves, which is the momentum μ T / (1 - μ + μ T) here.
 */
export class DynamicSoftMargin {
  private readonly options: DynamicSoftMarginOptions;
  private running: tf.Tensor1D | undefined;

  /** @throws DomainError unless minValue < 0 and 0 <= momentum <= 1; UsageError unless bins is a whole number >= 1 */
  constructor(options: Partial<DynamicSoftMarginOptions> = {}) {
    this.options = { ...DYNAMIC_SOFT_MARGIN_DEFAULTS, ...options };
    const { minValue, bins, momentum } = this.options;
    if (!(minValue < 0 && Number.isFinite(minValue))) {
      const remedy = 'give the least value of d_ap - d_an';
      throw new DomainError(expectation('DynamicSoftMargin minValue', 'a number < 0', minValue, remedy));
    }
    requireInteger(bins, 1, 'DynamicSoftMargin bins');
    requireWithin(momentum, 0, 'DynamicSoftMargin momentum', 1);
  }

  /**
   * Takes the batch into the histogram, then gives part `loss`, [n]: Σ of the weighted differences over the anchor's
   * triplets, which may be below 0. A difference outside of the histogram is weighed as the nearer end. Once
   * differentiable. Call inside tidy.
   * @param compared distances [n, m] of any space; |x - y| of rows of norm 1 by default
   */
  loss({ distances, plan }: Compared): LossTerms {
    const { positives, negatives } = plan;
    const triplets = tf.mul(tf.sum(positives, 1), tf.sum(negatives, 1));
    const [values, active] = anchorOp([distances], ([d], save) => {
      const slots = positiveSlots(positives);
      const work = { d, slots, negatives, near: slots.take(d), bins: (x: tf.Tensor) => this.binsOf(x) };
      this.learn(batchHistogram(work, this.options.bins));
      const { values: sums, above, slopes } = weighted(work, tf.cumsum(this.histogram()));
      save([slopes]);
      return { rows: [sums, above], gradient: (dy, [saved]) => tf.mul(saved, dy) };
    });
    return { loss: { values, active, counts: triplets } };
  }

  /** The running histogram at its bins + 1 nodes, sum 1; empty before the first batch. */
  save(): number[] {
    return this.running ? Array.from(this.running.dataSync()) : [];
  }

  /** Goes on where `save` stood. @throws ShapeError or DomainError for what is no histogram of these bins */
  restore(histogram: readonly number[]): void {
    if (histogram.length > 0) {
      requireLength(histogram.length, this.options.bins + 1, 'DynamicSoftMargin histogram');
      requireFinite(histogram, 1, 'DynamicSoftMargin histogram');
    }
    this.dispose();
    if (histogram.length > 0) this.running = tf.keep(tf.tensor1d([...histogram]));
  }

  dispose(): void {
    this.running?.dispose();
    this.running = undefined;
  }

  private histogram(): tf.Tensor1D {
    return this.running ?? tf.zeros([this.options.bins + 1]);
  }

  private binsOf(x: tf.Tensor): SoftBins {
    const { minValue, bins } = this.options;
    return softBins(tf.mul(tf.sub(x, minValue), bins / (-2 * minValue)), bins);
  }

  /** @param batch [bins + 1], counts: a batch without triplets changes nothing */
  private learn(batch: tf.Tensor): void {
    const next = tf.tidy(() => {
      const total = tf.sum(batch);
      const momentum = this.running ? this.options.momentum : 1;
      const share = tf.mul(tf.step(total), momentum);
      const kept = tf.mul(this.histogram(), tf.sub(1, share));
      return tf.add(kept, tf.mul(tf.divNoNan(batch, total), share)) as tf.Tensor1D;
    });
    this.dispose();
    this.running = tf.keep(next);
  }
}

interface Work {
  readonly d: tf.Tensor;
  readonly slots: PositiveSlots;
  readonly negatives: tf.Tensor;
  /** [n, slots]: distances of the positives */
  readonly near: tf.Tensor2D;
  readonly bins: (x: tf.Tensor) => SoftBins;
}

/** Differences of slot k and which of them are of triplets: [n, m] each. */
function ofSlot({ d, slots, negatives, near }: Work, k: number): { x: tf.Tensor; mask: tf.Tensor } {
  return { x: tf.sub(slot(near, k), d), mask: tf.mul(negatives, slot(slots.present, k)) };
}

function batchHistogram(work: Work, bins: number): tf.Tensor {
  let total: tf.Tensor = tf.zeros([bins + 1]);
  for (let k = 0; k < work.slots.count; k++) {
    const next = tf.tidy(() => {
      const { x, mask } = ofSlot(work, k);
      return tf.add(total, tf.sum(rowHistograms(work.bins(x), mask), 0));
    });
    total.dispose();
    total = next;
  }
  return total;
}

interface Weighted {
  /** [n, 1] */
  readonly values: tf.Tensor;
  /** [n, 1]: triplets with a value above 0 */
  readonly above: tf.Tensor;
  /** [n, m] */
  readonly slopes: tf.Tensor;
}

/** Σ of cdf[lower node of x] x over the triplets of each anchor. */
function weighted(work: Work, cdf: tf.Tensor): Weighted {
  const { d, slots } = work;
  const rows = tf.zeros([d.shape[0], 1]);
  let total: Weighted = { values: rows, above: tf.clone(rows), slopes: tf.zerosLike(d) };
  const own: tf.Tensor[] = [];
  for (let k = 0; k < slots.count; k++) {
    const { toOwn, ...next } = tf.scope(() => {
      const { x, mask } = ofSlot(work, k);
      const weights = tf.mul(tf.gather(cdf, work.bins(x).lower as tf.Tensor2D), mask);
      const products = tf.mul(weights, x);
      return {
        values: tf.add(total.values, tf.sum(products, 1, true)),
        above: tf.add(total.above, tf.sum(tf.step(products), 1, true)),
        slopes: tf.sub(total.slopes, weights),
        toOwn: tf.sum(weights, 1, true),
      };
    });
    tf.dispose([total.values, total.above, total.slopes]);
    total = next;
    own.push(toOwn);
  }
  return { ...total, slopes: tf.add(total.slopes, slots.put(tf.concat(own, 1))) };
}
