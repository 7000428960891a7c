import { expectation, UsageError } from '../core/errors.js';
import type { Pass } from '../engine/network.js';
import { normal } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';
import { normalizeRows } from '../manifolds/cosine.js';
import type { Manifold, Metric } from '../manifolds/manifold.js';
import { metricOn } from '../manifolds/manifoldOn.js';
import { poincareBall } from '../manifolds/poincare.js';
import type { Head } from './head.js';

/**
 * How the ball is fed. `unit`: the Euclidean head's unit vector goes through the exponential map, as HypMix ships it;
 * every point then has one radius, and both heads rank all items alike. `free`: a linear map of its own, with free
 * norms below `clip`, as its parent Hyp-ViT has it.
 */
export type Feeding = 'unit' | 'free';

export interface PoincareHeadOptions {
  readonly dim: number;
  readonly curvature: number;
  /** Of balls beside it, each with the same tangent vectors; the distance is the mean over all. Default none. */
  readonly furtherCurvatures?: readonly number[];
  readonly feeding: Feeding;
  /** Largest tangent norm. */
  readonly clip: number;
  /** Root mean square tangent norm, before the clip, of codes of root mean square 1, before training; < clip. */
  readonly startNorm: number;
}

/**
 * @param unitSource gives the Euclidean head's linear output, the input of feeding `unit`
 * @throws UsageError for feeding `free` unless 0 < startNorm < clip
 * @source Ermolov et al. 2022, arXiv:2203.10833, section 3 (free, hard clip); Yue et al. 2024 (unit). The clip here is
 *   soft, clip tanh(r / clip): beyond a hard clip the radius has no gradient and never comes back.
 */
export function poincareHead(
  codeDim: number,
  options: PoincareHeadOptions,
  unitSource: (pass: Pass, code: tf.Tensor2D) => tf.Tensor2D,
): Head {
  const { dim, curvature, furtherCurvatures = [], feeding, clip, startNorm } = options;
  const balls = [curvature, ...furtherCurvatures].map((K) => poincareBall(dim, K));
  const toPoints: Head['toPoints'] = (tangent) => {
    const points = balls.map((ball) => ball.exp0(tangent));
    return points.length === 1 ? points[0] : tf.concat(points, 1);
  };
  const common = { name: 'poincare', metric: metricOf(balls), dim, batchNorms: [], toPoints };
  if (feeding === 'unit') {
    return {
      ...common,
      parameters: [],
      tangent: (pass, code) => normalizeRows(unitSource(pass, code)),
    };
  }
  if (!(startNorm > 0 && startNorm < clip)) {
    throw new UsageError(
      expectation('poincareHead startNorm', `a number in (0, ${clip})`, startNorm, 'keep it below clip'),
    );
  }
  return {
    ...common,
    parameters: [
      { name: 'head/poincare/kernel', shape: [codeDim, dim], initial: normal(startNorm / Math.sqrt(dim)) },
    ],
    tangent: (pass, code) => softClip(tf.matMul(unitScale(code), pass.weight('head/poincare/kernel')), clip),
  };
}

/** The mean of the distances in each ball, of points side by side. */
function metricOf(balls: readonly Manifold[]): Metric {
  if (balls.length === 1) return balls[0];
  const factors = balls.map(({ space }) => ({ space, weight: 1 / balls.length }));
  return metricOn({ kind: 'product', combine: 'sum', factors });
}

/** Codes divided by the square root of their width, so that the starting norm does not depend on it. */
function unitScale(code: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(code, 1 / Math.sqrt(code.shape[1]));
}

/** Rows of norm r scaled to norm clip tanh(r / clip). */
function softClip(v: tf.Tensor2D, clip: number): tf.Tensor2D {
  const r = tf.sqrt(tf.maximum(tf.sum(tf.square(v), 1, true), 1e-12));
  return tf.mul(v, tf.div(tf.mul(tf.tanh(tf.div(r, clip)), clip), r));
}
