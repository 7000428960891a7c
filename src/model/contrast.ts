import { z } from 'zod';
import type { PairPlan } from '../engine/records.js';
import type * as tf from '../engine/tf.js';
import { hardPairSoftmax } from '../losses/contrastive/hardContrastive.js';
import { pairSoftmax } from '../losses/contrastive/pairSoftmax.js';
import { negativesInWindow, windowAt } from '../sampling/negatives/curriculum.js';
import { combineHardest } from '../sampling/negatives/hardest.js';

export const SCORES = ['mixed', 'euclidean', 'poincare'] as const;
export type Score = (typeof SCORES)[number];

const share = z.number().min(0).max(1);
const score = z.enum(SCORES);

/** Which negatives the softmaxes see, and how much each says. */
export const contrast = {
  hardness: z
    .strictObject({
      beta: z.number().min(0).default(0).describe('how much harder negatives weigh more (HCL); 0: all alike'),
      tauPlus: z.number().min(0).lt(1).default(0).describe('share of the negatives that are false (HCL)'),
      weightedBy: z
        .union([score, z.literal('own')])
        .default('own')
        .describe('the score whose softmax weighs the negatives; own: that of each softmax'),
    })
    .prefault({})
    .describe('hard-negative weights of Robinson et al. 2021'),
  negatives: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('all') }),
      z.strictObject({
        kind: z.literal('hardest').describe("an anchor's hardest negatives of both heads"),
        count: z.int().min(1).default(8).describe('hardest negatives of each head'),
        combine: z.enum(['union', 'intersection', 'difference', 'symmetricDifference']).default('union'),
      }),
      z.strictObject({
        kind: z.literal('curriculum').describe('negatives between two quantiles of hardness, which move'),
        score: score.default('mixed').describe('what hardness is measured by'),
        schedule: z
          .array(z.strictObject({ at: share, low: share, high: share }))
          .min(1)
          .default([
            { at: 0, low: 0, high: 0.5 },
            { at: 1, low: 0.9, high: 1 },
          ])
          .refine(isSchedule, 'must be stages by ascending at, each with low <= high')
          .describe('at: share of the training; low, high: quantiles, 1 is the hardest'),
      }),
    ])
    .default({ kind: 'all' })
    .describe('negatives of each anchor that take part'),
};

export type ContrastConfig = { readonly [K in keyof typeof contrast]: z.output<(typeof contrast)[K]> } & {
  readonly weights: Readonly<Record<Score, number>>;
};

export type ScoreLogits = Readonly<Record<Score, tf.Tensor2D>>;

/**
 * The softmaxes whose weight is above 0, each over its own score. Call inside tidy.
 * @param progress share of the training that is done, 0..1
 */
export function contrastParts(
  { weights, hardness, negatives }: ContrastConfig,
  logits: ScoreLogits,
  plan: PairPlan,
  progress: number,
): Record<string, tf.Scalar> {
  const chosen = chosenNegatives(negatives, logits, plan, progress);
  const { beta, tauPlus, weightedBy } = hardness;
  const loss = (own: tf.Tensor2D): tf.Scalar => {
    if (beta === 0 && tauPlus === 0) return pairSoftmax(own, chosen);
    const weightLogits = weightedBy === 'own' ? {} : { weightLogits: logits[weightedBy] };
    return hardPairSoftmax(own, chosen, { beta, tauPlus, ...weightLogits });
  };
  const counted = SCORES.filter((name) => weights[name] > 0);
  return Object.fromEntries(counted.map((name) => [name, loss(logits[name])]));
}

function chosenNegatives(
  negatives: ContrastConfig['negatives'],
  logits: ScoreLogits,
  plan: PairPlan,
  progress: number,
): PairPlan {
  switch (negatives.kind) {
    case 'all':
      return plan;
    case 'hardest': {
      const { count: r, combine } = negatives;
      return combineHardest(plan, [logits.euclidean, logits.poincare], { r, combine });
    }
    case 'curriculum':
      return negativesInWindow(plan, logits[negatives.score], windowAt(negatives.schedule, progress));
  }
}

function isSchedule(stages: readonly { at: number; low: number; high: number }[]): boolean {
  return stages.every(({ at, low, high }, k) => low <= high && (k === 0 || at > stages[k - 1].at));
}
