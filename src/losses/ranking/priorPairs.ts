import { requirePositive } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import { anchorOp } from '../pairs/anchorOp.js';
import type { Compared, LossTerms } from '../terms.js';
import { type RankCost, rankedAnchors } from './softRanks.js';

export const PRIOR_PAIRS_VARIANTS = ['Ds', 'Dq', 'Iu', 'Ib', 'O'] as const;
export type PriorPairsVariant = (typeof PRIOR_PAIRS_VARIANTS)[number];

export interface PriorPairsOptions {
  /** What R negatives before a positive cost; see `priorPairsLoss`. */
  readonly variant: PriorPairsVariant;
  /** τ of the sigmoid that takes the place of the step, in the unit of the distances, > 0. */
  readonly anneal: number;
  /** Of variant Dq, > 0. */
  readonly alpha: number;
  /** Of variant Ib, > 0. */
  readonly b: number;
  /** Whether the anchor itself, at distance 0, is one of its positives, as published. */
  readonly includeSelf: boolean;
}

export const PRIOR_PAIRS_DEFAULTS: PriorPairsOptions = {
  variant: 'O',
  anneal: 0.01,
  alpha: 1,
  b: 2,
  includeSelf: true,
};
export const PRIOR_PAIRS_REDUCER = 'mean';
export const PRIOR_PAIRS_DISTANCE = 'cosine';

/**
 * PNP, penalising negatives before positives: part `loss`, a value an anchor, the mean over its positives i of a cost
 * of R_i = Σ_neg sigmoid((d_ai - d_an) / τ):
 *   O: R,  Ds: log(1 + R),  Dq: 1 - (1 + R)^-alpha,  Iu: (1 + R) log(1 + R),  Ib: (b R - log(1 + b R)) / b²
 * An anchor without positives has no tuple. Once differentiable.
 * @param compared distances [n, m] of any space; 1 - cos by default
 * @throws UsageError for another variant; DomainError unless anneal, alpha and b are > 0
 * @source Li et al. 2022, arXiv:2102.04640, eqs. 7 to 15
 */
export function priorPairsLoss(
  { distances, plan }: Compared,
  options: Partial<PriorPairsOptions> = {},
): LossTerms {
  const all = { ...PRIOR_PAIRS_DEFAULTS, ...options };
  if (!PRIOR_PAIRS_VARIANTS.includes(all.variant)) {
    const expected = PRIOR_PAIRS_VARIANTS.join(', ');
    throw new UsageError(
      expectation('priorPairsLoss variant', `one of ${expected}`, all.variant, 'check this option'),
    );
  }
  requirePositive(all.anneal, 'priorPairsLoss anneal');
  requirePositive(all.alpha, 'priorPairsLoss alpha');
  requirePositive(all.b, 'priorPairsLoss b');
  const [values] = anchorOp([distances], ([d], save) => {
    const ranked = rankedAnchors(d as tf.Tensor2D, plan, {
      temperature: all.anneal,
      includeSelf: all.includeSelf,
      amongPositives: false,
      costOf: ({ negatives }) => costOf(negatives, all),
    });
    save([ranked.slopes]);
    return {
      rows: [ranked.values],
      gradient: (dy, [slopes]) => tf.mul(slopes, tf.mul(dy, 1 / all.anneal)),
    };
  });
  return { loss: { values, counts: tf.max(plan.positives, 1) } };
}

function costOf(R: tf.Tensor, { variant, alpha, b }: PriorPairsOptions): RankCost {
  const rank = tf.add(R, 1);
  switch (variant) {
    case 'O':
      return { cost: R, toNegatives: tf.onesLike(R) };
    case 'Ds':
      return { cost: tf.log(rank), toNegatives: tf.div(1, rank) };
    case 'Dq': {
      const precision = tf.exp(tf.mul(tf.log(rank), -alpha));
      return { cost: tf.sub(1, precision), toNegatives: tf.mul(tf.div(precision, rank), alpha) };
    }
    case 'Iu': {
      const log = tf.log(rank);
      return { cost: tf.mul(rank, log), toNegatives: tf.add(log, 1) };
    }
    case 'Ib': {
      const inner = tf.add(tf.mul(R, b), 1);
      const cost = tf.mul(tf.sub(tf.mul(R, b), tf.log(inner)), 1 / (b * b));
      return { cost, toNegatives: tf.div(R, inner) };
    }
  }
}
