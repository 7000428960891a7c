import { row } from '../core/matrix.js';
import type { EmbeddedHead } from '../core/records.js';
import { distance } from '../geometry/distance.js';

/** Distance of each code of a Poincaré head from the centre of the ball; [] for other spaces, rows outside left out. */
export function radii({ space, matrix }: EmbeddedHead): Float64Array {
  if (space.kind !== 'poincare') return new Float64Array(0);
  const centre = new Float64Array(matrix.columns);
  const values: number[] = [];
  for (let i = 0; i < matrix.rows; i++) {
    const x = row(matrix, i);
    const inside = Math.hypot(...x) * Math.sqrt(-space.curvature) < 1;
    if (inside) values.push(distance(space, x, centre));
  }
  return Float64Array.from(values);
}
