import { type Matrix, matrix, sliceColumns } from '../../core/matrix.js';
import { columnsOf, type Space } from '../../core/space.js';
import { distanceMatrix } from '../../geometry/distance.js';
import { manifoldOf } from '../../geometry/manifold.js';
import { norm } from '../../geometry/vector.js';

/** How far the points of one factor of a space lie from its origin. */
export interface RadiusSpread {
  /** The factor's kind. */
  readonly space: Space['kind'];
  /** Unit of the factor's distances. */
  readonly mean: number;
  /** Standard deviation over mean. */
  readonly relative: number;
  /** False where distances see directions alone, as those of cosine and of a sphere do. */
  readonly counts: boolean;
}

/** Rounding to float32, 6e-8 of a coordinate and up to a hundred times that in radius near a rim, stays below this. */
export const EQUAL_RADII = 1e-5;

/**
 * One entry a factor, in the order of columns. If all points of a ball lie at one radius, the distance rises with the angle
 * between them alone, whatever the curvature: cosh(√c d) = 1 + sinh²(√c r) (1 - cos θ) at radius r. So arms
 * made of the same directions, each at one radius or compared by angle, rank all negatives alike.
 * @param points [n, columnsOf(space)], n >= 1, points of the space
 * @source hyperbolic law of cosines for an isosceles triangle; Ratcliffe 2019, "Foundations of hyperbolic manifolds",
 *   section 3.5
 */
export function radiusSpreads(space: Space, points: Matrix): RadiusSpread[] {
  if (space.kind !== 'product') return [spreadOf(space, radiiOf(space, points))];
  let column = 0;
  return space.factors.flatMap((factor) => {
    const columns = columnsOf(factor.space);
    const part = sliceColumns(points, column, column + columns);
    column += columns;
    return radiusSpreads(factor.space, part);
  });
}

/** Whether distances of the space see nothing but directions, on these points. */
export function seesDirectionsAlone(spreads: readonly RadiusSpread[]): boolean {
  return spreads.every(({ counts, relative }) => !counts || relative <= EQUAL_RADII);
}

function spreadOf(space: Space, radii: Float64Array): RadiusSpread {
  const mean = radii.reduce((sum, r) => sum + r, 0) / radii.length;
  const variance = radii.reduce((sum, r) => sum + (r - mean) ** 2, 0) / radii.length;
  const counts = space.kind !== 'cosine' && space.kind !== 'sphere';
  return { space: space.kind, mean, relative: mean > 0 ? Math.sqrt(variance) / mean : 0, counts };
}

function radiiOf(space: Space, points: Matrix): Float64Array {
  switch (space.kind) {
    case 'poincare':
    case 'lorentz':
    case 'stereographic': {
      const origin = manifoldOf(space).origin();
      return distanceMatrix(space, matrix(Float64Array.from(origin), 1, origin.length), points).data;
    }
    default:
      return Float64Array.from({ length: points.rows }, (_, i) =>
        norm(points.data.subarray(i * points.columns, (i + 1) * points.columns)),
      );
  }
}
