import { requireInteger, requirePositive } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import { differentItems } from './pairs.js';

export type NeighborWeighting =
  /** exp(-d / (sigma m)), m the mean distance of the batch; sigma > 0, a pure number. */
  | { readonly kind: 'exponential'; readonly sigma: number }
  /** 1 where one of the pair is among the other's k nearest of the batch (all that tie with the last), else 0. */
  | { readonly kind: 'nearest'; readonly k: number };

/**
 * Weights of pairs that count near ones most, for `pairStress`: of the inputs' distances, so that what is near there
 * stays near; or of the codes', so that what is near in code was near there (curvilinear component analysis). No gradient
 * passes through them.
 * @param distances [n, n] of a batch with itself
 * @returns [n, n], 0..1, symmetric if the distances are, 0 on the diagonal; NaN gives NaN
 * @throws ShapeError unless square; DomainError unless sigma > 0; UsageError unless k is a whole number 1..n-1
 * @source Demartines and Hérault 1997, doi:10.1109/72.554199, for weights that fall with the codes' distance
 */
export function neighborWeights(distances: tf.Tensor2D, weighting: NeighborWeighting): tf.Tensor2D {
  const [n, columns] = distances.shape;
  if (n !== columns) {
    const remedy = 'pass distances of a batch with itself';
    throw new ShapeError(expectation('neighborWeights', '[n, n] distances', distances.shape, remedy));
  }
  if (weighting.kind === 'nearest') requireInteger(weighting.k, 1, 'neighborWeights k', n - 1);
  else requirePositive(weighting.sigma, 'neighborWeights sigma');
  const constant = tf.customGrad((...args) => {
    const d = args[0] as unknown as tf.Tensor2D;
    const different = differentItems(d);
    const value =
      weighting.kind === 'nearest'
        ? nearest(d, different, weighting.k)
        : exponential(d, different, weighting.sigma);
    return { value, gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy) };
  });
  return tf.tidy(() => constant(distances) as tf.Tensor2D);
}

function exponential(d: tf.Tensor2D, different: tf.Tensor, sigma: number): tf.Tensor {
  const [n] = d.shape;
  const mean = tf.div(tf.sum(tf.mul(d, different)), Math.max(1, n * (n - 1)));
  return tf.mul(tf.exp(tf.neg(tf.divNoNan(d, tf.mul(mean, sigma)))), different);
}

function nearest(d: tf.Tensor2D, different: tf.Tensor, k: number): tf.Tensor {
  const [n] = d.shape;
  // An item itself comes after every other.
  const beyond = tf.add(tf.max(d), 1);
  const others = tf.add(tf.mul(d, different), tf.mul(tf.sub(1, different), beyond));
  const { values } = tf.topk(tf.neg(others), k);
  const last = tf.neg(tf.slice(values, [0, k - 1], [n, 1]));
  const near = tf.mul(tf.sub(1, tf.step(tf.sub(others, last))), different);
  return tf.add(tf.maximum(near, tf.transpose(near)), tf.mul(d, 0));
}
