import type { Network, Pass } from '../engine/network.js';
import type { LossReport } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import type { Head } from '../heads/head.js';
import { hardestDiffer, meanNegativeProbability } from '../sampling/hardness.js';
import { pairsOfLabels } from '../sampling/pairs.js';
import { type ContrastConfig, contrastParts } from './contrast.js';

/** One tensor of each head: points [n, dim], or distances [n, n]. */
export interface OfHeads {
  readonly euclidean: tf.Tensor2D;
  readonly poincare: tf.Tensor2D;
}

/** What the loss asks of a model, whatever it takes. */
export interface MixedModel {
  readonly euclidean: Head;
  readonly poincare: Head;
  readonly network: Network;
  /** Weight of the Poincaré head in the mixed score. */
  readonly lambda: number;
  readonly config: {
    readonly loss: ContrastConfig & {
      readonly temperature: { readonly euclidean: number; readonly poincare: number };
    };
  };
  forward(pass: Pass, rows: tf.Tensor2D): OfHeads;
}

export interface MixedLossOptions {
  /** Adds what the scores say of negatives: slower, and no part of the loss. */
  readonly withStatistics: boolean;
  /** Share of the training that is done, 0..1. */
  readonly progress: number;
  /** Parts beside the softmaxes, each under the name of its weight. */
  readonly others?: Readonly<Record<string, tf.Scalar>>;
  /** Weights of parts that change while training, in place of the config's. */
  readonly weights?: Readonly<Record<string, number | tf.Scalar>>;
}

/** Distances between all points of a batch, in each head. Call inside tidy. */
export function headDistances({ euclidean, poincare }: MixedModel, points: OfHeads): OfHeads {
  return {
    euclidean: euclidean.metric.pairwise(points.euclidean, points.euclidean),
    poincare: poincare.metric.pairwise(points.poincare, points.poincare),
  };
}

/**
 * Softmaxes over the mixed score and over each head's, and the other parts, weighted as the config says. Call inside tidy.
 * @param distances of `headDistances` @param labels [n]
 */
export function mixedLoss(
  { config, lambda }: MixedModel,
  distances: OfHeads,
  labels: tf.Tensor1D,
  { withStatistics, progress, others = {}, weights: moving = {} }: MixedLossOptions,
): LossReport {
  const { weights, temperature } = config.loss;
  const euclidean = tf.mul(distances.euclidean, -1 / temperature.euclidean) as tf.Tensor2D;
  const poincare = tf.mul(distances.poincare, -1 / temperature.poincare) as tf.Tensor2D;
  const mixed: tf.Tensor2D = tf.add(euclidean, tf.mul(poincare, lambda));
  const logits = { mixed, euclidean, poincare };
  const plan = pairsOfLabels(labels);
  const parts = { ...contrastParts(config.loss, logits, plan, progress), ...others };
  const weightOf: Readonly<Record<string, number | tf.Scalar>> = { ...weights, ...moving };
  const total = tf.addN(
    Object.entries(parts).map(([name, part]) => tf.mul(part, weightOf[name]) as tf.Scalar),
  );
  if (!withStatistics) return { total, parts };
  const statistics = {
    pEuclidean: meanNegativeProbability(euclidean, plan),
    pPoincare: meanNegativeProbability(poincare, plan),
    hardestDiffer: hardestDiffer(euclidean, poincare, plan),
    spread: tf.mean(distances.euclidean) as tf.Scalar,
  };
  return { total, parts: { ...parts, ...statistics } };
}
