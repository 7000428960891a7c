import { type Matrix, matrix, row } from '../../core/matrix.js';
import type { Space } from '../../core/space.js';
import { lorentzToPoincare } from '../../geometry/conversions.js';
import { diskPicture } from '../../reduction/diskPicture.js';
import { pca } from '../../reduction/pca.js';

/**
 * Codes on paper: points of hyperbolic space in the unit disk, all others by their first two principal components, codes of
 * one column on a line.
 * @returns coordinates [n, 2] and their share of the spread
 */
export function codePlane(
  space: Space,
  codes: Matrix,
): { readonly coordinates: Float64Array; readonly explained: number; readonly disk: boolean } {
  if ((space.kind === 'poincare' || space.kind === 'lorentz') && space.dim >= 2) {
    const c = -space.curvature;
    const ball = space.kind === 'poincare' ? codes : ballOf(codes, c);
    const { coordinates, explained } = diskPicture(ball, c);
    return { coordinates: coordinates.data, explained, disk: true };
  }
  if (codes.columns === 1) {
    const line = Float64Array.from({ length: 2 * codes.rows }, (_, i) => (i % 2 ? 0 : codes.data[i / 2]));
    return { coordinates: line, explained: 1, disk: false };
  }
  const { coordinates, explained } = pca(codes, 2);
  return { coordinates: coordinates.data, explained: explained[0] + explained[1], disk: false };
}

function ballOf(points: Matrix, c: number): Matrix {
  const columns = points.columns - 1;
  const data = new Float64Array(points.rows * columns);
  for (let i = 0; i < points.rows; i++) data.set(lorentzToPoincare(row(points, i), c), i * columns);
  return matrix(data, points.rows, columns);
}
