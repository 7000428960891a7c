import { requirePositive } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';

/** Added to the logits of candidates that are no negatives; exp of it is 0 in float32. */
const EXCLUDED = -1e9;

export interface SampledSoftmaxInput {
  /** [pairs], distance of each anchor to its positive. */
  readonly positives: tf.Tensor1D;
  /** [anchors, candidates], distance of each anchor to what was sampled for it; all its pairs share these. */
  readonly negatives: tf.Tensor2D;
  /** [pairs], int32: row of `negatives` that each pair belongs to. */
  readonly anchors: tf.Tensor1D;
  /** [anchors, candidates]: 1 where a candidate is the anchor itself or one of its positives, else 0. Default none. */
  readonly excluded?: tf.Tensor2D;
}

/**
 * Cross-entropy of finding a positive among the negatives sampled for its anchor, mean over pairs:
 * -log( exp(-d/t) / (exp(-d/t) + Σ exp(-d'/t)) ), d' over the anchor's candidates that are not excluded. A pair whose
 * candidates are all excluded adds 0. The distances may come from any metric.
 * @param temperature t, in the unit of the distances, > 0
 * @returns scalar, nats, >= 0; with its gradient in closed form, once differentiable
 * @throws ShapeError for shapes that do not belong together, DomainError unless temperature > 0
 * @source Nickel and Kiela 2017, arXiv:1705.08039, eq. 6, there with temperature 1
 */
export function sampledSoftmax(input: SampledSoftmaxInput, temperature: number): tf.Scalar {
  requirePositive(temperature, 'sampledSoftmax temperature');
  const { positives, negatives, anchors, excluded } = input;
  requireShape('anchors', anchors, positives.shape);
  if (excluded) requireShape('excluded', excluded, negatives.shape);
  const op = tf.customGrad((...args) => {
    const [near, far, save] = args as unknown as [tf.Tensor1D, tf.Tensor2D, tf.GradSaveFunc];
    const scaled = tf.mul(far, -1 / temperature);
    const logits = excluded ? tf.add(scaled, tf.mul(excluded, EXCLUDED)) : scaled;
    const total = tf.logSumExp(logits, 1);
    const margin = tf.add(tf.gather(total, anchors), tf.mul(near, 1 / temperature));
    // The indices are saved too: what a forward pass was given may be freed before the backward pass.
    save([logits, total, tf.sigmoid(margin), tf.clone(anchors)]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [sLogits, sTotal, sProbability, sAnchors] = saved;
      const pull = tf.mul(sProbability, tf.div(dy, temperature * sProbability.size)) as tf.Tensor1D;
      const ofAnchor = tf.scatterND(tf.reshape(sAnchors, [-1, 1]), pull, [sLogits.shape[0]]);
      const share = tf.exp(tf.sub(sLogits, tf.expandDims(sTotal, 1)));
      return [pull, tf.mul(share, tf.neg(tf.expandDims(ofAnchor, 1)))];
    };
    return { value: tf.mean(tf.softplus(margin)), gradFunc };
  });
  return tf.tidy(() => op(positives, negatives) as tf.Scalar);
}

function requireShape(name: string, tensor: tf.Tensor, expected: readonly number[]): void {
  if (tensor.shape.join() === expected.join()) return;
  const shape = `shape ${expected.join('x')}`;
  throw new ShapeError(
    expectation(
      `sampledSoftmax ${name}`,
      shape,
      tensor.shape.join('x'),
      'align positives, anchors and negatives',
    ),
  );
}
