import { requirePositive } from '../core/checks.js';
import type { Matrix } from '../core/matrix.js';
import { midpoint } from './gyrovector.js';
import { descendToMean } from './karcherMean.js';
import { manifoldOf } from './manifold.js';
import { requirePoints, requireRows } from './points.js';

/**
 * The point of the Poincaré ball with the least sum of squared distances to the rows; it is unique. See descendToMean:
 * here it starts from the gyromidpoint, which is near.
 * @param points [n, dim], n >= 1, inside the ball of curvature -c
 * @throws ShapeError for 0 rows, DomainError for a row outside the ball, or after 5,000 steps without convergence
 * @source Karcher 1977, "Riemannian center of mass"
 */
export function frechetMean(points: Matrix, c: number): Float64Array {
  requirePositive(c, 'frechetMean c (= -curvature)');
  requireRows(points, 'frechetMean');
  const space = { kind: 'poincare', dim: points.columns, curvature: -c } as const;
  requirePoints(space, points, 'frechetMean');
  const start = midpoint(points, new Float64Array(points.rows).fill(1), c);
  const shares = new Float64Array(points.rows).fill(1 / points.rows);
  return descendToMean(manifoldOf(space), points, shares, start, 'frechetMean');
}
