import { requirePositive } from '../core/checks.js';
import { DomainError, expectation, ShapeError } from '../core/errors.js';
import { type Matrix, row } from '../core/matrix.js';
import { midpoint } from './gyrovector.js';
import { conformalFactor, exp, log } from './poincare.js';
import { requirePoints } from './points.js';
import { combine, norm, scale } from './vector.js';

/** The mean of the logarithms has at most this length, times 1/√c, where the iteration stops. */
const TOLERANCE = 1e-10;
const MAX_STEPS = 5000;

/**
 * The point of the Poincaré ball with the least sum of squared distances to the rows; it is unique.
 * Gradient descent from the gyromidpoint; the step is 1 over the mean of √c d coth(√c d), which bounds the curvature
 * of half the squared distance.
 * @param points [n, dim], n >= 1, inside the ball of curvature -c
 * @throws ShapeError for 0 rows, DomainError for a row outside the ball, or after 5,000 steps without convergence
 * @source Karcher 1977, "Riemannian center of mass"; the bound: Afsari, Tron, Vidal 2013, arXiv:1201.0925
 */
export function frechetMean(points: Matrix, c: number): Float64Array {
  requirePositive(c, 'frechetMean c (= -curvature)');
  if (points.rows < 1) {
    throw new ShapeError(expectation('frechetMean', 'at least one row', points.rows, 'pass some points'));
  }
  requirePoints({ kind: 'poincare', dim: points.columns, curvature: -c }, points, 'frechetMean');
  let mean = midpoint(points, new Float64Array(points.rows).fill(1), c);
  for (let step = 0; step < MAX_STEPS; step++) {
    const lambda = conformalFactor(mean, c);
    let gradient: Float64Array = new Float64Array(points.columns);
    let bound = 0;
    for (let i = 0; i < points.rows; i++) {
      const toward = log(mean, row(points, i), c);
      const length = Math.sqrt(c) * lambda * norm(toward);
      bound += length > 0 ? length / Math.tanh(length) : 1;
      gradient = combine(1, gradient, 1 / points.rows, toward);
    }
    if (Math.sqrt(c) * lambda * norm(gradient) <= TOLERANCE) return mean;
    mean = exp(mean, scale(points.rows / bound, gradient), c);
  }
  const remedy = 'the points may lie too near the rim for float64';
  throw new DomainError(expectation('frechetMean', `convergence in ${MAX_STEPS} steps`, 'none', remedy));
}
