import { expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';

/** Added to the logits of pairs that are no negatives: below every negative's. */
const EXCLUDED = -1e9;

/**
 * The negatives that `choose` says yes to, as one op without a gradient. Call inside tidy.
 * @param choose of the logits, all but the negatives' far below: bool [n, m]
 * @returns [n, m], 0/1; NaN where a logit is NaN or infinite, which a comparison would hide
 * @throws ShapeError for logits of another shape than the mask of negatives
 */
export function maskOf(
  logits: tf.Tensor2D,
  negatives: tf.Tensor2D,
  who: string,
  choose: (hardness: tf.Tensor2D) => tf.Tensor2D,
): tf.Tensor2D {
  if (logits.shape.join() !== negatives.shape.join()) {
    const remedy = 'pass the plan of these anchors and references';
    throw new ShapeError(expectation(`${who} logits`, `shape ${negatives.shape}`, logits.shape, remedy));
  }
  const op = tf.customGrad((...args) => {
    const input = args[0] as unknown as tf.Tensor2D;
    const hardness = tf.add(input, tf.mul(tf.sub(1, negatives), EXCLUDED)) as tf.Tensor2D;
    const chosen = tf.mul(tf.cast(choose(hardness), 'float32'), negatives);
    return { value: tf.add(chosen, tf.mul(input, 0)), gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy) };
  });
  return op(logits) as tf.Tensor2D;
}
