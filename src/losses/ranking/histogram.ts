import { requireInteger } from '../../core/checks.js';
import { DomainError, expectation } from '../../core/errors.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { above, anchorOp } from '../pairs/anchorOp.js';
import { requireSquare } from '../pairs/ranges.js';
import type { Compared, LossTerms } from '../terms.js';
import { nodeSlopes, rowHistograms, softBins } from './softBins.js';

export interface HistogramOptions {
  /** Bins of the histograms of similarities, >= 1. */
  readonly bins: number;
  /** Lowest and highest similarity zero - d: [-1, 1] for cosines, [-r, 0] for distances up to r with zero 0. */
  readonly range: readonly [low: number, high: number];
}

export const HISTOGRAM_DEFAULTS: HistogramOptions = { bins: 100, range: [-1, 1] };
export const HISTOGRAM_REDUCER = 'mean';
export const HISTOGRAM_DISTANCE = 'cosine';

/**
 * Histogram loss: the probability that a random negative pair is more similar than a random positive pair, from
 * histograms on bins + 1 nodes: Σ_k p⁻_k Σ_{l<=k} p⁺_l. Part `loss`, [n]: the sum over the anchor's negatives of the
 * positives' cumulative histogram at their similarity; its mean over all negatives is the published loss. Pairs are
 * unordered and those of triplets: at least one end must have a positive and a negative. A similarity outside of the
 * range counts at the nearer end, without gradient: choose the range of the space. Once differentiable.
 * @param compared distances [n, n] of a batch to itself, symmetric; 1 - cos with zero 1 by default
 * @throws UsageError unless bins is a whole number >= 1; DomainError unless low < high; ShapeError for other references
 * @source Ustinova and Lempitsky 2016, arXiv:1611.00822, eqs. 1 to 4
 */
export function histogramLoss(compared: Compared, options: Partial<HistogramOptions> = {}): LossTerms {
  const { bins, range } = { ...HISTOGRAM_DEFAULTS, ...options };
  const [low, high] = range;
  requireInteger(bins, 1, 'histogramLoss bins');
  if (!(low < high && Number.isFinite(high - low))) {
    const remedy = 'give the lowest similarity first';
    throw new DomainError(
      expectation('histogramLoss range', 'two finite numbers, low < high', range, remedy),
    );
  }
  requireSquare(compared, 'histogramLoss');
  const { distances, zero = 0 } = compared;
  const { positives, negatives } = pairsOfTriplets(compared.plan);
  const perBin = bins / (high - low);
  const [values, active] = anchorOp([distances], ([d], save) => {
    const nodes = softBins(tf.mul(tf.sub(zero - low, d), perBin), bins);
    const inverse = tf.divNoNan(1, tf.sum(positives));
    const near = tf.mul(tf.sum(rowHistograms(nodes, positives), 0, true), inverse);
    const far = rowHistograms(nodes, negatives);
    const cumulative = tf.cumsum(near, 1);
    save([
      nodes.lower,
      far,
      cumulative,
      tf.mul(positives, tf.mul(nodes.inside, inverse)),
      tf.mul(negatives, nodes.inside),
    ]);
    // A negative costs something from the node before the first with a positive on.
    const reached = tf.sub(bins, tf.sum(above(cumulative, 0)));
    const costing = tf.mul(above(tf.sub(nodes.within, reached), 0), negatives);
    // Histograms know no NaN: 0 times the distances brings it back.
    const lost = tf.mul(tf.sum(d, 1, true), 0);
    return {
      rows: [tf.add(tf.sum(tf.mul(far, cumulative), 1, true), lost), tf.sum(costing, 1)],
      gradient: (dy, [lower, sFar, sCumulative, ofPositives, ofNegatives]) => {
        const later = tf.cumsum(tf.sum(tf.mul(sFar, dy), 0, true), 1, false, true);
        const at = (table: tf.Tensor) => tf.gather(tf.reshape(nodeSlopes(table), [-1]), lower as tf.Tensor2D);
        const toNegatives = tf.mul(tf.mul(ofNegatives, dy), at(sCumulative));
        const toPositives = tf.mul(ofPositives, at(later));
        return tf.mul(tf.add(toNegatives, toPositives), -perBin);
      },
    };
  });
  return { loss: { values, active, counts: tf.sum(negatives, 1) } };
}

/** The pairs of anchors that have a positive and a negative, in both directions; 0/1 masks. */
function pairsOfTriplets({ positives, negatives }: PairPlan): PairPlan {
  const complete = tf.mul(tf.max(positives, 1, true), tf.max(negatives, 1, true));
  const unordered = (mask: tf.Tensor2D): tf.Tensor2D => {
    const kept = tf.mul(mask, complete) as tf.Tensor2D;
    return tf.maximum(kept, tf.transpose(kept));
  };
  return { positives: unordered(positives), negatives: unordered(negatives) };
}
