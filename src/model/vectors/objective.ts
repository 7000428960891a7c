import { DomainError, expectation } from '../../core/errors.js';
import type { Pass } from '../../engine/network.js';
import type { Batch, LossReport } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { hardestDiffer, meanNegativeProbability } from '../../sampling/hardness.js';
import { pairsOfLabels } from '../../sampling/pairs.js';
import { contrastParts, SCORES } from '../contrast.js';
import type { VectorModel } from './vectorModel.js';

interface Distances {
  readonly euclidean: tf.Tensor2D;
  readonly poincare: tf.Tensor2D;
}

/**
 * Softmaxes over the mixed score and over each head's, weighted as the config says. Call inside tidy.
 * @param progress share of the training that is done, 0..1
 */
export function vectorLoss(
  model: VectorModel,
  pass: Pass,
  batch: Batch,
  withStatistics: boolean,
  progress: number,
): LossReport {
  const { weights, temperature } = model.config.loss;
  const distances = distancesOf(model, pass, batch.images);
  const euclidean = tf.mul(distances.euclidean, -1 / temperature.euclidean) as tf.Tensor2D;
  const poincare = tf.mul(distances.poincare, -1 / temperature.poincare) as tf.Tensor2D;
  const mixed: tf.Tensor2D = tf.add(euclidean, tf.mul(poincare, model.lambda));
  const logits = { euclidean, poincare, mixed };
  const plan = pairsOfLabels(batch.labels!);
  const parts = contrastParts(model.config.loss, logits, plan, progress);
  const weighted = SCORES.filter((score) => score in parts).map((score) =>
    tf.mul(parts[score], weights[score]),
  );
  const total = tf.addN(weighted) as tf.Scalar;
  if (!withStatistics) return { total, parts };
  const statistics = {
    pEuclidean: meanNegativeProbability(euclidean, plan),
    pPoincare: meanNegativeProbability(poincare, plan),
    hardestDiffer: hardestDiffer(euclidean, poincare, plan),
    spread: tf.mean(distances.euclidean) as tf.Scalar,
  };
  return { total, parts: { ...parts, ...statistics } };
}

/**
 * The lambda at which both heads' scores have the same standard deviation over the pairs of one batch
 * (docs/decisions.md). Disposes of the batch.
 * @throws DomainError when the scores of a head are all the same
 */
export async function balancedLambdaOf(model: VectorModel, batch: Batch): Promise<number> {
  const { temperature } = model.config.loss;
  const result = tf.tidy(() => {
    const distances = distancesOf(model, model.network.inferencePass(), batch.images);
    const variance = (head: keyof Distances) =>
      tf.div(tf.moments(distances[head]).variance, temperature[head] ** 2);
    return tf.sqrt(tf.div(variance('euclidean'), variance('poincare')));
  });
  const [ratio] = await result.data();
  tf.dispose([result, batch.images, batch.labels!]);
  if (ratio > 0 && ratio < Number.POSITIVE_INFINITY) return ratio;
  const remedy = 'give lambda as a number';
  throw new DomainError(
    expectation('loss.lambda "balanced"', 'scores that differ', `ratio ${ratio}`, remedy),
  );
}

function distancesOf(model: VectorModel, pass: Pass, vectors: tf.Tensor2D): Distances {
  const { euclidean, poincare } = model.forward(pass, vectors);
  return {
    euclidean: model.euclidean.metric.pairwise(euclidean, euclidean),
    poincare: model.poincare.metric.pairwise(poincare, poincare),
  };
}
