import { type Matrix, row, sliceColumns } from '../core/matrix.js';
import { columnsOf, type Space } from '../core/space.js';
import { distance } from '../geometry/distance.js';
import { manifoldOf } from '../geometry/manifold.js';
import { requirePoints, requireRows } from '../geometry/points.js';

/** How a hyperbolic factor uses its radius. */
export interface SaturationReport {
  /** The factor's columns are those from here on. */
  readonly column: number;
  readonly space: Space;
  /** Distances from the origin, u: smallest, 5 %, median, 95 %, largest. */
  readonly radius: readonly [min: number, low: number, median: number, high: number, max: number];
  /** Share of rows within 5 % of the largest radius. Near 1, a clip or a projection has set all norms. */
  readonly crowded: number;
  /** Share of rows that rounding to float32 may move by more than 1 % of the unit 1/√-K. */
  readonly blurred: number;
}

const CROWD = 0.05;
const BLUR = 0.01;
const FLOAT32_ROUNDING = 2 ** -24;

/**
 * Boundary saturation of the hyperbolic factors of `space`, one report each. A point at distance r, in units of 1/√-K,
 * whose coordinates are rounded to float32 moves by up to 2^-24 (1 + cosh r) in the ball and hardly less on
 * the hyperboloid, so that beyond r = 12.7 it is blurred.
 * @param points [n, columnsOf(space)], n >= 1
 * @returns one report a factor of negative curvature, in the order of the columns; none for other spaces
 * @throws ShapeError for 0 rows or other columns, DomainError naming a row that is no point of the space
 */
export function saturation(space: Space, points: Matrix): SaturationReport[] {
  requireRows(points, 'saturation');
  requirePoints(space, points, 'saturation');
  return factorsOf(space, 0).map(({ factor, column }) => {
    const part = sliceColumns(points, column, column + columnsOf(factor));
    return { column, ...ofFactor(factor, part) };
  });
}

type Curved = Extract<Space, { readonly curvature: number }>;

function factorsOf(space: Space, column: number): { factor: Curved; column: number }[] {
  if (space.kind !== 'product')
    return 'curvature' in space && space.curvature < 0 ? [{ factor: space, column }] : [];
  let at = column;
  return space.factors.flatMap((factor) => {
    const found = factorsOf(factor.space, at);
    at += columnsOf(factor.space);
    return found;
  });
}

function ofFactor(space: Curved, points: Matrix): Omit<SaturationReport, 'column'> {
  const origin = manifoldOf(space).origin();
  const radii = Float64Array.from({ length: points.rows }, (_, i) =>
    distance(space, origin, row(points, i)),
  ).sort();
  const at = (share: number) => radii[Math.round(share * (radii.length - 1))];
  const [max, unit] = [at(1), Math.sqrt(-space.curvature)];
  const shareOf = (holds: (r: number) => boolean) => radii.filter(holds).length / radii.length;
  return {
    space,
    radius: [at(0), at(0.05), at(0.5), at(0.95), max],
    crowded: max > 0 ? shareOf((r) => r >= (1 - CROWD) * max) : 0,
    blurred: shareOf((r) => FLOAT32_ROUNDING * (1 + Math.cosh(unit * r)) > BLUR),
  };
}
