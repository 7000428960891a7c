import { DomainError, expectation } from '../core/errors.js';
import type { Batch } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import { headDistances, type MixedModel, type OfHeads } from './mixedLoss.js';

/**
 * The lambda at which both heads' scores have the same standard deviation over the pairs of one batch. With a wider
 * range one head solves the mixed softmax alone and the other stays untrained (docs/decisions.md).
 * Disposes of the batch.
 * @throws DomainError when the scores of a head are all the same, as for equal images
 */
export async function balancedLambda(model: MixedModel, batch: Batch): Promise<number> {
  const { temperature } = model.config.loss;
  const result = tf.tidy(() => {
    const distances = headDistances(model, model.forward(model.network.batchStatisticsPass(), batch.rows));
    const variance = (head: keyof OfHeads) =>
      tf.div(tf.moments(distances[head]).variance, temperature[head] ** 2);
    return tf.sqrt(tf.div(variance('euclidean'), variance('poincare')));
  });
  const [ratio] = await result.data();
  tf.dispose([result, batch.rows, batch.labels, batch.turns].filter((t) => t !== undefined));
  if (ratio > 0 && ratio < Number.POSITIVE_INFINITY) return ratio;
  throw new DomainError(
    expectation('loss.lambda "balanced"', 'scores that differ', `ratio ${ratio}`, 'give lambda as a number'),
  );
}
