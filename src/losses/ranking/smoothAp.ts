import { requirePositive } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import { anchorOp } from '../pairs/anchorOp.js';
import type { Compared, LossTerms } from '../terms.js';
import { rankedAnchors } from './softRanks.js';

export interface SmoothApOptions {
  /** τ of the sigmoid that takes the place of the step, in the unit of the distances, > 0. */
  readonly temperature: number;
  /** Whether the anchor itself, at distance 0, is ranked with its positives, as published. */
  readonly includeSelf: boolean;
}

export const SMOOTH_AP_DEFAULTS: SmoothApOptions = { temperature: 0.01, includeSelf: true };
export const SMOOTH_AP_REDUCER = 'mean';
export const SMOOTH_AP_DISTANCE = 'cosine';

/**
 * Smooth-AP: part `loss`, a value an anchor in [0, 1], one minus the average precision of its ranking with soft ranks,
 *   1 - mean_i (1 + Σ_{j pos} g_ij) / (1 + Σ_{j pos or neg} g_ij),  g_ij = sigmoid((d_ai - d_aj) / τ),
 * i over the anchor's positives, and the anchor itself with includeSelf. Classes may have any sizes: with as many items
 * as there are classes, class by class, it is what pytorch-metric-learning computes, which takes groups of consecutive
 * rows, as many as classes each, for the positives. An anchor without positives has no tuple. Once differentiable.
 * @param compared distances [n, m] of any space; 1 - cos by default
 * @throws DomainError unless temperature > 0
 * @source Brown et al. 2020, arXiv:2007.12163, eqs. 6 and 7
 */
export function smoothApLoss(
  { distances, plan }: Compared,
  options: Partial<SmoothApOptions> = {},
): LossTerms {
  const { temperature, includeSelf } = { ...SMOOTH_AP_DEFAULTS, ...options };
  requirePositive(temperature, 'smoothApLoss temperature');
  const [values] = anchorOp([distances], ([d], save) => {
    const ranked = rankedAnchors(d as tf.Tensor2D, plan, {
      temperature,
      includeSelf,
      amongPositives: true,
      costOf: ({ positives = tf.scalar(0), negatives }) => {
        const rank = tf.add(positives, 1);
        const ofAll = tf.add(rank, negatives);
        const cost = tf.div(negatives, ofAll);
        const toNegatives = tf.div(rank, tf.square(ofAll));
        return { cost, toNegatives, toPositives: tf.neg(tf.div(cost, ofAll)) };
      },
    });
    save([ranked.slopes]);
    return {
      rows: [ranked.values],
      gradient: (dy, [slopes]) => tf.mul(slopes, tf.mul(dy, 1 / temperature)),
    };
  });
  return { loss: { values, counts: tf.max(plan.positives, 1) } };
}
