import { requireInteger } from '../../core/checks.js';
import { normal, zeros } from '../../engine/parameters.js';
import type * as tf from '../../engine/tf.js';
import { hyperplaneScores } from '../gyrovector.js';
import { type CurvatureSource, curvatureIn, type Layer } from './layer.js';

export interface RegressionOptions {
  readonly name: string;
  readonly dim: number;
  readonly classes: number;
  readonly curvature: CurvatureSource;
}

/**
 * Multinomial logistic regression in the ball: logits [n, classes] of points [n, dim], each the signed
 * distance to a hyperplane times twice the length of its normal. One normal z and one offset r along it a
 * class, so that dim + 1 weights describe each. Normals start with variance 1/dim, offsets at 0.
 * @throws UsageError for a width below 1
 * @source Shimizu, Mukuta, Harada 2021, arXiv:2006.08210, eq. 6; Ganea, Bécigneul, Hofmann 2018,
 *   arXiv:1805.09112, section 3.1
 */
export function hyperbolicRegression(options: RegressionOptions): Layer {
  const { name, dim, classes } = options;
  requireInteger(dim, 1, `${name} dim`);
  requireInteger(classes, 1, `${name} classes`);
  return {
    parameters: [
      { name: `${name}/normals`, shape: [dim, classes], initial: normal(1 / Math.sqrt(dim)) },
      { name: `${name}/offsets`, shape: [classes], initial: zeros },
    ],
    batchNorms: [],
    apply: (pass, x) =>
      hyperplaneScores(
        x,
        pass.weight(`${name}/normals`),
        pass.weight<tf.Tensor1D>(`${name}/offsets`),
        curvatureIn(pass, options.curvature),
      ),
  };
}
