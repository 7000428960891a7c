import { expectation, ShapeError } from '../../core/errors.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import type { LossTerms } from '../terms.js';
import { type ContrastiveOptions, contrastiveLoss } from './contrastive.js';

export const SIGNAL_TO_NOISE_DEFAULTS: ContrastiveOptions = { posMargin: 0, negMargin: 1 };
export const SIGNAL_TO_NOISE_REDUCER = 'avgNonZero';

/**
 * The contrastive loss on signal-to-noise distances. It reads coordinates, not distances of a space; take rows of norm 1
 * (`normalizeRows`) for the usual form.
 * @param embeddings [n, d] @param references [m, d], default the embeddings themselves
 * @throws as contrastiveLoss and signalToNoiseDistances
 * @source Yuan et al. 2019, "Signal-to-noise ratio: a robust distance metric for deep metric learning", arXiv:1904.02616
 */
export function signalToNoiseContrastiveLoss(
  embeddings: tf.Tensor2D,
  plan: PairPlan,
  options: Partial<ContrastiveOptions> = {},
  references: tf.Tensor2D = embeddings,
): LossTerms {
  const distances = signalToNoiseDistances(embeddings, references);
  return contrastiveLoss({ distances, plan }, { ...SIGNAL_TO_NOISE_DEFAULTS, ...options });
}

/**
 * var(x_i - y_j) / var(x_i), variances over the columns: with c the rows less their means, 1 + (|c_j|² - 2 c_i·c_j) / |c_i|²,
 * so that errors are float32 of the larger of 1 and the ratio, and a distance 0 may come out as -1e-7. Not symmetric. The
 * first derivative is in closed form.
 * @param x [n, d] anchors, the signal @param y [m, d]
 * @returns [n, m]; Infinity or NaN in the row of an anchor whose columns are all equal, which has no signal
 * @throws ShapeError unless x and y have as many columns
 */
export function signalToNoiseDistances(x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D {
  if (x.shape[1] !== y.shape[1]) {
    const remedy = 'compare rows of one encoder';
    throw new ShapeError(
      expectation('signalToNoiseDistances y', `${x.shape[1]} columns`, y.shape[1], remedy),
    );
  }
  const centered = (t: tf.Tensor2D) => tf.sub(t, tf.mean(t, 1, true)) as tf.Tensor2D;
  return tf.tidy(() => noiseRatio(centered(x), centered(y)));
}

function noiseRatio(x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D {
  const op = tf.customGrad((...args) => {
    const [a, b, save] = args as unknown as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
    const inverse = tf.reciprocal(tf.sum(tf.square(a), 1, true));
    const ofReferences = tf.reshape(tf.sum(tf.square(b), 1), [1, -1]);
    const excess = tf.mul(tf.sub(ofReferences, tf.mul(tf.matMul(a, b, false, true), 2)), inverse);
    save([a, b, inverse, excess]);
    const gradFunc = (dy: tf.Tensor, [sa, sb, sInverse, sExcess]: tf.Tensor[]) => {
      const pull = tf.mul(dy, sInverse) as tf.Tensor2D;
      const along = tf.sum(tf.mul(pull, sExcess), 1, true);
      const toA = tf.add(tf.matMul(pull, sb as tf.Tensor2D), tf.mul(sa, along));
      const toB = tf.sub(
        tf.mul(sb, tf.reshape(tf.sum(pull, 0), [-1, 1])),
        tf.matMul(pull, sa as tf.Tensor2D, true),
      );
      return [tf.mul(toA, -2), tf.mul(toB, 2)];
    };
    return { value: tf.add(excess, 1), gradFunc };
  });
  return op(x, y) as tf.Tensor2D;
}
