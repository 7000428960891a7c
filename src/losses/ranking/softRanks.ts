import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { positiveSlots, slot } from '../pairs/positiveSlots.js';

/** How many items come before a positive in an anchor's ranking, softly: [n, 1] each. */
export interface Before {
  /** Other positives, and the anchor itself where it is ranked; absent where the cost does not ask. */
  readonly positives?: tf.Tensor;
  readonly negatives: tf.Tensor;
}

/** What a positive's rank costs, and its derivatives: [n, 1] each. */
export interface RankCost {
  readonly cost: tf.Tensor;
  readonly toPositives?: tf.Tensor;
  readonly toNegatives: tf.Tensor;
}

export interface SoftRanks {
  /** τ of the step, in the unit of the distances. */
  readonly temperature: number;
  /** Whether the anchor itself, at distance 0, is ranked with its positives and is one of them. */
  readonly includeSelf: boolean;
  /** Whether the cost asks for ranks among positives. */
  readonly amongPositives: boolean;
  readonly costOf: (before: Before) => RankCost;
}

export interface RankedAnchors {
  /** [n, 1]: mean cost over the anchor's positives, 0 without. */
  readonly values: tf.Tensor;
  /** [n, m]: derivative to the distances, times the temperature. */
  readonly slopes: tf.Tensor;
}

/**
 * Costs of soft ranks: item j comes before positive i of an anchor by sigmoid((d_i - d_j) / τ). Values and derivatives
 * in one pass over the positives, slot by slot: no array is larger than the distances. Call inside tidy, off the tape.
 */
export function rankedAnchors(d: tf.Tensor2D, plan: PairPlan, options: SoftRanks): RankedAnchors {
  const x = tf.mul(d, 1 / options.temperature);
  const slots = positiveSlots(plan.positives);
  const positions = slots.take(x);
  const counts = tf.sum(plan.positives, 1, true);
  const weights = tf.mul(
    tf.minimum(counts, 1),
    tf.divNoNan(1, options.includeSelf ? tf.add(counts, 1) : counts),
  );
  const ranking: Ranking = { x, plan, options };
  let total: Total = { values: tf.zerosLike(weights), slopes: tf.zerosLike(d) };
  const add = (step: Step) => {
    const next = { values: tf.add(total.values, step.values), slopes: tf.sub(total.slopes, step.slopes) };
    tf.dispose([total.values, total.slopes, step.values, step.slopes]);
    total = next;
    return step.own;
  };
  const own: tf.Tensor[] = [];
  for (let k = 0; k < slots.count; k++) {
    const position = slot(positions, k);
    const share = tf.mul(weights, slot(slots.present, k));
    own.push(add(tf.scope(() => positiveStep(ranking, position, share))));
  }
  if (options.includeSelf) tf.dispose(add(tf.scope(() => selfStep(ranking, weights))));
  return { values: total.values, slopes: tf.add(total.slopes, slots.put(tf.concat(own, 1))) };
}

interface Ranking {
  readonly x: tf.Tensor;
  readonly plan: PairPlan;
  readonly options: SoftRanks;
}

interface Total {
  readonly values: tf.Tensor;
  readonly slopes: tf.Tensor;
}

/** Of one positive of each anchor: [n, 1] values, [n, m] minus the slopes to the others, [n, 1] slope to its own. */
interface Step extends Total {
  readonly own: tf.Tensor;
}

function positiveStep(ranking: Ranking, position: tf.Tensor, share: tf.Tensor): Step {
  const { amongPositives, includeSelf } = ranking.options;
  // The positive itself is among those counted, by sigmoid(0).
  if (!amongPositives) return stepOf(ranking, position, share, 0);
  if (!includeSelf) return stepOf(ranking, position, share, -0.5);
  const self = tf.sigmoid(position);
  const { own, toPositives, ...rest } = stepOf(ranking, position, share, tf.sub(self, 0.5));
  const ofSelf = tf.mul(tf.mul(self, tf.sub(1, self)), toPositives);
  return { ...rest, own: tf.add(own, ofSelf) };
}

/** The anchor as its own positive, at 0. */
function selfStep(ranking: Ranking, share: tf.Tensor): Step {
  const { values, slopes, own } = stepOf(ranking, tf.zerosLike(share), share, 0);
  return { values, slopes, own };
}

function stepOf(
  { x, plan, options }: Ranking,
  position: tf.Tensor,
  share: tf.Tensor,
  morePositives: tf.Tensor | number,
): Step & { readonly toPositives: tf.Tensor } {
  const before = tf.sigmoid(tf.sub(position, x));
  const after = tf.sub(1, before);
  const negatives = tf.mul(before, plan.negatives);
  const ahead = tf.sum(negatives, 1, true);
  if (!options.amongPositives) {
    const { cost, toNegatives } = options.costOf({ negatives: ahead });
    const slopes = tf.mul(tf.mul(negatives, after), tf.mul(toNegatives, share));
    const own = tf.sum(slopes, 1, true);
    return { values: tf.mul(cost, share), slopes, own, toPositives: tf.zerosLike(own) };
  }
  const positives = tf.mul(before, plan.positives);
  const aheadPositives = tf.add(tf.sum(positives, 1, true), morePositives);
  const { cost, toNegatives, toPositives } = options.costOf({ positives: aheadPositives, negatives: ahead });
  const perPositive = toPositives ? tf.mul(toPositives, share) : tf.zerosLike(share);
  const weighed = tf.add(tf.mul(positives, perPositive), tf.mul(negatives, tf.mul(toNegatives, share)));
  const slopes = tf.mul(weighed, after);
  return { values: tf.mul(cost, share), slopes, own: tf.sum(slopes, 1, true), toPositives: perPositive };
}
