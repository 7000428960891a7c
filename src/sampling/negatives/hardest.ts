import { requireInteger } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { maskOf } from './mask.js';

const COMBINATIONS = ['union', 'intersection', 'difference', 'symmetricDifference'] as const;

/**
 * What is made of the hardest negatives of several spaces: those of any; those of all; those of the first and of no other;
 * those of some but not of all.
 */
export type Combination = (typeof COMBINATIONS)[number];

/**
 * Mask of each anchor's r negatives with the largest logits; all of them where there are fewer. Every negative that ties
 * with the r-th is in, so that there may be more than r, and items in another order give the same choice. No gradient.
 * Call inside tidy.
 * @param logits [n, m], -distance / temperature @param negatives [n, m], 0/1
 * @returns [n, m], 0/1; NaN where a logit is NaN or infinite
 * @throws UsageError unless r is a whole number >= 1, ShapeError for logits of another shape than the mask
 */
export function hardestNegatives(logits: tf.Tensor2D, negatives: tf.Tensor2D, r: number): tf.Tensor2D {
  requireInteger(r, 1, 'hardestNegatives r');
  return maskOf(logits, negatives, 'hardestNegatives', (hardness) => {
    const { values } = tf.topk(hardness, Math.min(r, negatives.shape[1]));
    return tf.greaterEqual(hardness, tf.min(values, 1, true)) as tf.Tensor2D;
  });
}

/**
 * A plan whose negatives are chosen by the hardest r of each of several spaces, with the positives as they are. An anchor
 * for which nothing is chosen keeps no negative and adds nothing to a loss: where two spaces rank alike, that is every
 * anchor of a difference. Call inside tidy.
 * @param spaces logits [n, m] of at least one space
 * @throws as hardestNegatives; UsageError for no space or another combination
 */
export function combineHardest(
  plan: PairPlan,
  spaces: readonly tf.Tensor2D[],
  { r, combine }: { readonly r: number; readonly combine: Combination },
): PairPlan {
  const remedy = 'check this argument';
  if (spaces.length === 0)
    throw new UsageError(expectation('combineHardest spaces', 'at least one', 0, remedy));
  if (!COMBINATIONS.includes(combine)) {
    throw new UsageError(
      expectation('combineHardest combine', `one of ${COMBINATIONS.join(', ')}`, combine, remedy),
    );
  }
  const [first, ...others] = spaces.map((logits) => hardestNegatives(logits, plan.negatives, r));
  const any = (masks: readonly tf.Tensor2D[], start: tf.Tensor2D) => masks.reduce(tf.maximum, start);
  const all = () => others.reduce((both, mask) => tf.mul(both, mask), first);
  switch (combine) {
    case 'union':
      return { ...plan, negatives: any(others, first) };
    case 'intersection':
      return { ...plan, negatives: all() };
    case 'difference':
      return { ...plan, negatives: others.reduce((left, mask) => tf.mul(left, tf.sub(1, mask)), first) };
    case 'symmetricDifference':
      return { ...plan, negatives: tf.sub(any(others, first), all()) };
  }
}
