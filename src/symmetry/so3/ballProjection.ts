import { requireInteger, requireLength } from '../../core/checks.js';
import { DomainError, expectation, UsageError } from '../../core/errors.js';
import { type Matrix, matrix, row } from '../../core/matrix.js';
import { coefficientCount, type Multiplicities } from './degrees.js';
import { sphericalHarmonics } from './harmonics.js';
import { type RadialOptions, radialFunctions, radialOrders } from './zernike.js';

export interface BallOptions extends RadialOptions {
  /** Kinds of points, such as chemical elements, each with coefficients of its own. */
  readonly kinds: number;
  /**
   * `plain`, the default: the sum of the points' own coefficients. `bySquare`: each point's are first divided by the sum
   * of their squares, which is never 0, as R_00 is constant.
   */
  readonly perPoint?: 'plain' | 'bySquare';
  /** Points beyond the radius: `error`, the default, or `leaveOut`. */
  readonly outside?: 'error' | 'leaveOut';
}

/** Channels at each degree: kinds times radial orders, channel kind * orders + order's place. */
export function ballMultiplicities(options: Pick<BallOptions, 'kinds' | 'order' | 'degree'>): Multiplicities {
  requireInteger(options.kinds, 1, 'ballMultiplicities kinds');
  return radialOrders(options).map((orders) => options.kinds * orders.length);
}

/**
 * Points of a ball as coefficients Σ R_nl(r) Y_lm(p / r), Y with Σ_m Y² = 2l + 1.
 * No points give zeros. A point at the centre has no direction and needs none: only l = 0 is not 0 there.
 * @param points [n, 3] relative to the centre, in the unit of the radius
 * @param kinds  n whole numbers 0..options.kinds - 1
 * @returns [coefficientCount(ballMultiplicities(options))], in the order of Multiplicities
 * @throws ShapeError for other shapes; UsageError naming the point of an unknown kind, or for an option out of range;
 *   DomainError naming a point that is not finite or, unless left out, beyond the radius
 * @source Visani et al. 2022, arXiv:2209.15567
 */
export function ballCoefficients(
  points: Matrix,
  kinds: ArrayLike<number>,
  options: BallOptions,
): Float64Array {
  const multiplicities = ballMultiplicities(options);
  requireOptions(options);
  const inside = pointsInside(points, kinds, options);
  const orders = radialOrders(options).map((list) => list.length);
  const radial = radialFunctions(inside.distances, options);
  const directions = matrix(inside.directions, inside.distances.length, 3);
  const harmonics = sphericalHarmonics(directions, options.degree);
  const out = new Float64Array(coefficientCount(multiplicities));
  for (let i = 0; i < radial.rows; i++) {
    const values = row(radial, i);
    const angular = row(harmonics, i);
    const scale = options.perPoint === 'bySquare' ? 1 / squareOf(values, orders) : 1;
    let order = 0;
    let block = 0;
    for (let l = 0; l < orders.length; l++) {
      const size = 2 * l + 1;
      let at = block + inside.kinds[i] * orders[l] * size;
      for (let k = 0; k < orders[l]; k++) {
        const value = values[order++] * scale;
        for (let m = 0; m < size; m++) out[at++] += value * angular[l * l + m];
      }
      block += multiplicities[l] * size;
    }
  }
  return out;
}

/** Σ (R_nl Y_lm)² of a point: Σ_m Y² is 2l + 1. */
function squareOf(values: Float64Array, orders: readonly number[]): number {
  let order = 0;
  let sum = 0;
  orders.forEach((count, l) => {
    for (let k = 0; k < count; k++) sum += (2 * l + 1) * values[order++] ** 2;
  });
  return sum;
}

function requireOptions({ perPoint = 'plain', outside = 'error' }: BallOptions): void {
  if (perPoint !== 'plain' && perPoint !== 'bySquare') {
    const remedy = 'choose one of these';
    throw new UsageError(expectation('ballCoefficients perPoint', 'plain, bySquare', perPoint, remedy));
  }
  if (outside !== 'error' && outside !== 'leaveOut') {
    const remedy = 'choose one of these';
    throw new UsageError(expectation('ballCoefficients outside', 'error, leaveOut', outside, remedy));
  }
}

interface PointsInside {
  readonly distances: number[];
  readonly kinds: number[];
  /** Three numbers a point, of any length but 0. */
  readonly directions: Float64Array;
}

function pointsInside(points: Matrix, kinds: ArrayLike<number>, options: BallOptions): PointsInside {
  requireLength(points.columns, 3, 'ballCoefficients columns of points');
  requireLength(kinds.length, points.rows, 'ballCoefficients kinds');
  const distances: number[] = [];
  const kept: number[] = [];
  const directions: number[] = [];
  for (let i = 0; i < points.rows; i++) {
    requireInteger(kinds[i], 0, `ballCoefficients kind of point ${i}`, options.kinds - 1);
    const [x, y, z] = row(points, i);
    const distance = Math.hypot(x, y, z);
    if (!isInside(distance, options, i)) continue;
    distances.push(distance);
    kept.push(kinds[i]);
    // Any direction serves at the centre: R is 0 there above l = 0.
    directions.push(...(distance > 0 ? [x, y, z] : [0, 0, 1]));
  }
  return { distances, kinds: kept, directions: Float64Array.from(directions) };
}

function isInside(distance: number, { radius, outside }: BallOptions, i: number): boolean {
  if (distance <= radius) return true;
  if (outside === 'leaveOut' && Number.isFinite(distance)) return false;
  const remedy = 'leave it out (outside: leaveOut) or take a larger radius';
  throw new DomainError(
    expectation(`ballCoefficients point ${i}`, `a distance in [0, ${radius}]`, distance, remedy),
  );
}
