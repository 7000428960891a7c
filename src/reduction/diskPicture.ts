import { type Matrix, type Matrix64, matrix, takeRows } from '../core/matrix.js';
import { distanceMatrix } from '../geometry/distance.js';
import { frechetMean } from '../geometry/frechetMean.js';
import { evenRows } from './evenRows.js';
import { horoPcaAt } from './horoPca.js';
import { type DiskCoordinates, tangentPcaAt } from './tangentPca.js';

export interface DiskPicture extends DiskCoordinates {
  readonly method: 'tangent PCA' | 'horoPCA';
  /** Kruskal's stress-1 of the drawn distances against those of the points, on the rows looked at; not rescaled. */
  readonly stress: number;
}

/** Rows on which drawings are compared: all pairs of them are looked at. */
const COMPARED = 400;

/**
 * Points of a Poincaré ball drawn in the unit disk by the method whose distances on paper come nearer to the true ones.
 * @param points [n, dim] inside the ball of curvature -c, n >= 1, dim >= 2
 * @throws as tangentPca and horoPca do
 */
export function diskPicture(points: Matrix, c: number): DiskPicture {
  const mean = frechetMean(points, c);
  const delta = trueDistances(points, c);
  const drawings = [
    { method: 'tangent PCA' as const, ...tangentPcaAt(mean, points, c) },
    { method: 'horoPCA' as const, ...horoPcaAt(mean, points, c) },
  ].map(({ method, coordinates, explained }) => ({
    ...{ method, coordinates, explained },
    stress: diskStress(coordinates, delta),
  }));
  return drawings.reduce((best, other) => (other.stress < best.stress ? other : best));
}

/** Distances between the rows on which drawings are compared, at most 400, in units of 1/√c: of all their pairs. */
export function trueDistances(points: Matrix, c: number): Matrix64 {
  const compared = takeRows(points, evenRows(points.rows, COMPARED));
  const space = { kind: 'poincare', dim: points.columns, curvature: -c } as const;
  const { data, rows, columns } = distanceMatrix(space, compared, compared);
  return matrix(
    data.map((d) => d * Math.sqrt(c)),
    rows,
    columns,
  );
}

/**
 * √(Σ (d - δ)² / Σ δ²) over pairs of rows, d in the unit disk.
 * @param disk [n, 2] @param delta δ of the n points drawn: see trueDistances
 * @returns 0 if all points coincide; Infinity for a point drawn on the rim itself
 */
export function diskStress(disk: Matrix64, delta: Matrix64): number {
  const drawn = takeRows(disk, evenRows(disk.rows, COMPARED));
  for (let i = 0; i < drawn.rows; i++) {
    if (!(Math.hypot(drawn.data[2 * i], drawn.data[2 * i + 1]) < 1)) return Number.POSITIVE_INFINITY;
  }
  const d = distanceMatrix({ kind: 'poincare', dim: 2, curvature: -1 }, drawn, drawn);
  let [off, whole] = [0, 0];
  for (let k = 0; k < d.data.length; k++) {
    off += (d.data[k] - delta.data[k]) ** 2;
    whole += delta.data[k] ** 2;
  }
  return whole > 0 ? Math.sqrt(off / whole) : 0;
}
