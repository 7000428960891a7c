import { requireInteger, requirePositive } from '../../core/checks.js';
import { ones, zeros } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { frechetMean, frechetVariance, midpoint } from '../gyrovector.js';
import { exp, exp0, log, log0, project, transport } from '../stereographic.js';
import { asRows, type CurvatureSource, curvatureIn, fromTangent, type Layer } from './layer.js';

export interface BatchNormOptions {
  readonly name: string;
  /** Columns of a point: the last axis. */
  readonly dim: number;
  readonly curvature: CurvatureSource;
  /** The gyromidpoint in closed form, or the Fréchet mean by iteration; default midpoint. */
  readonly mean?: 'midpoint' | 'frechet';
  /** Added to the variance, u²; default 1e-6. */
  readonly epsilon?: number;
}

/**
 * Hyperbolic batch normalisation: points move with their mean to a learned point β, and their spread about it
 * becomes a learned scale. y = exp_β(s / √(σ² + ε) Γ_{μ->β} log_μ(x)), σ² the mean squared distance to μ. The
 * weights are log0(β), from the origin on, and s, from 1 on; the running mean moves in the tangent space at
 * the origin. All axes but the last are the batch: [n, dim] and [n, height, width, dim] alike.
 * @throws UsageError for a width below 1; DomainError unless epsilon > 0
 * @source Lou et al. 2020, arXiv:2003.00335, Riemannian batch normalisation; the midpoint from van Spengler,
 *   Berkhout, Mettes 2023, arXiv:2303.14027
 */
export function hyperbolicBatchNorm<X extends tf.Tensor = tf.Tensor2D>(options: BatchNormOptions): Layer<X> {
  const { name, dim, mean = 'midpoint', epsilon = 1e-6 } = options;
  requireInteger(dim, 1, `${name} dim`);
  requirePositive(epsilon, `${name} epsilon`);
  return {
    parameters: [
      { name: `${name}/offset`, shape: [dim], initial: zeros },
      { name: `${name}/scale`, shape: [1], initial: ones },
    ],
    batchNorms: [],
    statistics: [
      { name: `${name}/mean`, shape: [1, dim], initial: zeros },
      { name: `${name}/variance`, shape: [1], initial: ones },
    ],
    apply(pass, x) {
      const K = curvatureIn(pass, options.curvature);
      const points = asRows(x);
      const centre = mean === 'midpoint' ? midpoint : frechetMean;
      const tangentMean = pass.statistic(`${name}/mean`, () => log0(centre(points, alike(points), K), K));
      const mu = exp0(tangentMean, K);
      const variance = pass.statistic(`${name}/variance`, () => frechetVariance(points, mu, K));
      const factor = tf.div(pass.weight<tf.Tensor1D>(`${name}/scale`), tf.sqrt(tf.add(variance, epsilon)));
      const beta = fromTangent(tf.reshape(pass.weight(`${name}/offset`), [1, dim]) as tf.Tensor2D, K);
      const spread = tf.mul(transport(mu, beta, log(mu, points, K), K), factor) as tf.Tensor2D;
      return tf.reshape(project(exp(beta, spread, K), K), x.shape) as X;
    },
  };
}

/** One row of equal weights. */
function alike(points: tf.Tensor2D): tf.Tensor2D {
  return tf.fill([1, points.shape[0]], 1);
}
