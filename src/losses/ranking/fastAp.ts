import { requireInteger, requirePositive } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import { anchorOp } from '../pairs/anchorOp.js';
import type { Compared, LossTerms } from '../terms.js';
import { nodeSlopes, rowHistograms, softBins } from './softBins.js';

export interface FastApOptions {
  /** Bins of the histograms of distances, >= 1. */
  readonly bins: number;
  /** The distance at which they end, > 0: 4 is the largest |x - y|² of rows of norm 1. */
  readonly range: number;
}

export const FAST_AP_DEFAULTS: FastApOptions = { bins: 10, range: 4 };
export const FAST_AP_REDUCER = 'mean';
export const FAST_AP_DISTANCE = 'normalizedSquaredEuclidean';

/**
 * FastAP: part `loss`, a value an anchor in [0, 1], one minus its average precision with distances quantised softly,
 *   1 - Σ_k h⁺_k H⁺_k / H_k / |P|
 * where h⁺ is the histogram of the distances to its |P| positives, on bins + 1 nodes from 0 to range, H⁺ and H cumulative
 * over positives and over positives and negatives. A distance outside counts at the nearer end, without gradient: choose
 * the range of the space. An anchor without positives has no tuple. Once differentiable.
 * @param compared distances [n, m] of any space; |x - y|² of rows of norm 1 by default
 * @throws UsageError unless bins is a whole number >= 1; DomainError unless range > 0
 * @source Cakir et al. 2019, "Deep metric learning to rank", CVPR, eqs. 7 and 8
 */
export function fastApLoss({ distances, plan }: Compared, options: Partial<FastApOptions> = {}): LossTerms {
  const { bins, range } = { ...FAST_AP_DEFAULTS, ...options };
  requireInteger(bins, 1, 'fastApLoss bins');
  requirePositive(range, 'fastApLoss range');
  const { positives, negatives } = plan;
  const [values] = anchorOp([distances], ([d], save) => {
    const nodes = softBins(tf.mul(d, bins / range), bins);
    const near = rowHistograms(nodes, positives);
    const far = rowHistograms(nodes, negatives);
    const { precision, toNear, toFar } = averagePrecision(near, far);
    // Row by row: slopes for positives, then for negatives.
    const table = tf.reshape(tf.concat([nodeSlopes(toNear), nodeSlopes(toFar)], 1), [-1]);
    const starts = tf.reshape(tf.range(0, table.size, 2 * bins, 'int32'), [-1, 1]);
    const offset = tf.mul(tf.cast(negatives, 'int32'), tf.scalar(bins, 'int32'));
    const at = tf.add(tf.add(nodes.lower, starts), offset) as tf.Tensor2D;
    const counted = tf.mul(nodes.inside, tf.add(positives, negatives));
    const share = tf.divNoNan(1, tf.sum(positives, 1, true));
    save([tf.mul(tf.gather(table, at), counted), share]);
    // Histograms know no NaN: 0 times the distances brings it back.
    const lost = tf.mul(tf.sum(d, 1, true), 0);
    const cost = tf.sub(tf.max(positives, 1, true), tf.mul(precision, share));
    return {
      rows: [tf.add(cost, lost)],
      gradient: (dy, [slopes, sShare]) => tf.mul(slopes, tf.mul(dy, tf.mul(sShare, -bins / range))),
    };
  });
  return { loss: { values, counts: tf.max(positives, 1) } };
}

/** Σ_k h⁺_k H⁺_k / H_k, [n, 1], and its derivatives to both histograms, [n, bins + 1]. */
function averagePrecision(
  near: tf.Tensor2D,
  far: tf.Tensor2D,
): { precision: tf.Tensor; toNear: tf.Tensor; toFar: tf.Tensor } {
  const upTo = tf.cumsum(near, 1);
  const all = tf.cumsum(tf.add(near, far), 1);
  const ratio = tf.divNoNan(upTo, all);
  const rate = tf.divNoNan(near, all);
  const later = (t: tf.Tensor) => tf.cumsum(t, 1, false, true);
  return {
    precision: tf.sum(tf.mul(near, ratio), 1, true),
    toNear: tf.add(ratio, later(tf.mul(rate, tf.sub(1, ratio)))),
    toFar: tf.neg(later(tf.mul(rate, ratio))),
  };
}
