import { type Matrix, type Matrix64, matrix, row } from '../core/matrix.js';
import { frechetMean } from '../geometry/frechetMean.js';
import { conformalFactor, exp0, log } from '../geometry/poincare.js';
import { scale } from '../geometry/vector.js';
import { pca } from './pca.js';

export interface DiskCoordinates {
  /** [n, 2] in the closed unit disk, the Poincaré model of curvature -1; the Fréchet mean is at the centre. */
  readonly coordinates: Matrix64;
  /** Share of the squared distances to the mean that the two directions keep, 0..1. */
  readonly explained: number;
}

/**
 * Draws points of a Poincaré ball in the unit disk: logarithms at their Fréchet mean, the two principal directions,
 * and the exponential map of the disk. The mean, not the origin, is the base: there the logarithms keep the squared
 * distances to the data's own centre, and moving all points by an isometry changes the drawing by a rotation at most.
 * Distances to the centre are those along the two directions, in units of 1/√c; the rim itself stands for whatever
 * is too far out for float64.
 * @param points [n, dim], n >= 1, dim >= 2 @param c = -curvature > 0
 * @throws ShapeError for 0 rows, UsageError for dim 1, DomainError for rows outside the ball
 * @source Fletcher, Lu, Pizer, Joshi 2004, "Principal geodesic analysis", IEEE TMI 23(8)
 */
export function tangentPca(points: Matrix, c: number): DiskCoordinates {
  return tangentPcaAt(frechetMean(points, c), points, c);
}

/** tangentPca of points whose Fréchet mean is known. @param mean inside the ball, [dim] */
export function tangentPcaAt(mean: Float64Array, points: Matrix, c: number): DiskCoordinates {
  // Of the length that log0 would give once the mean is moved to the origin, in units of 1/√c.
  const unit = (Math.sqrt(c) * conformalFactor(mean, c)) / 2;
  const tangents = new Float64Array(points.rows * points.columns);
  for (let i = 0; i < points.rows; i++) {
    tangents.set(scale(unit, log(mean, row(points, i), c)), i * points.columns);
  }
  const { coordinates, explained } = pca(matrix(tangents, points.rows, points.columns), 2);
  const disk = new Float64Array(points.rows * 2);
  for (let i = 0; i < points.rows; i++) disk.set(exp0(row(coordinates, i), 1), 2 * i);
  return { coordinates: matrix(disk, points.rows, 2), explained: explained[0] + explained[1] };
}
