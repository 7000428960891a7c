import { type Matrix, type Matrix64, takeRows } from '../core/matrix.js';
import { distanceMatrix } from '../geometry/distance.js';
import { evenRows } from './evenRows.js';
import { horoPca } from './horoPca.js';
import { type DiskCoordinates, tangentPca } from './tangentPca.js';

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
  const drawings = [
    { method: 'tangent PCA' as const, ...tangentPca(points, c) },
    { method: 'horoPCA' as const, ...horoPca(points, c) },
  ].map(({ method, coordinates, explained }) => ({
    ...{ method, coordinates, explained },
    stress: diskStress(points, c, coordinates),
  }));
  return drawings.reduce((best, other) => (other.stress < best.stress ? other : best));
}

/**
 * √(Σ (d - δ)² / Σ δ²) over pairs of rows: d in the unit disk, δ in the ball of curvature -c in units of 1/√c. At most
 * 400 rows are looked at.
 * @returns 0 if all points coincide; Infinity for a point drawn on the rim itself
 */
export function diskStress(points: Matrix, c: number, disk: Matrix64): number {
  const rows = evenRows(points.rows, COMPARED);
  const drawn = takeRows(disk, rows);
  for (let i = 0; i < rows.length; i++) {
    if (!(Math.hypot(drawn.data[2 * i], drawn.data[2 * i + 1]) < 1)) return Number.POSITIVE_INFINITY;
  }
  const [x, delta] = [
    distanceMatrix({ kind: 'poincare', dim: 2, curvature: -1 }, drawn, drawn),
    distanceMatrix(
      { kind: 'poincare', dim: points.columns, curvature: -c },
      takeRows(points, rows),
      takeRows(points, rows),
    ),
  ];
  let [off, whole] = [0, 0];
  for (let k = 0; k < x.data.length; k++) {
    const wanted = delta.data[k] * Math.sqrt(c);
    off += (x.data[k] - wanted) ** 2;
    whole += wanted ** 2;
  }
  return whole > 0 ? Math.sqrt(off / whole) : 0;
}
