import { requireInteger, requireLength } from '../../core/checks.js';
import { DomainError, expectation, UsageError } from '../../core/errors.js';
import { type Matrix, matrix } from '../../core/matrix.js';
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
  requireLength(points.columns, 3, 'ballCoefficients columns of points');
  requireLength(kinds.length, points.rows, 'ballCoefficients kinds');
  const out = new Float64Array(coefficientCount(multiplicities));
  const own = new Float64Array(out.length / options.kinds);
  for (let i = 0; i < points.rows; i++) {
    requireInteger(kinds[i], 0, `ballCoefficients kind of point ${i}`, options.kinds - 1);
    const p = points.data.subarray(3 * i, 3 * i + 3);
    const distance = Math.hypot(p[0], p[1], p[2]);
    if (!isInside(distance, options, i)) continue;
    pointCoefficients(own, p, distance, options);
    let square = 1;
    if (options.perPoint === 'bySquare') square = own.reduce((sum, value) => sum + value * value, 0);
    let from = 0;
    let to = 0;
    multiplicities.forEach((channels, l) => {
      const block = (channels / options.kinds) * (2 * l + 1);
      const at = to + kinds[i] * block;
      for (let m = 0; m < block; m++) out[at + m] += own[from + m] / square;
      from += block;
      to += channels * (2 * l + 1);
    });
  }
  return out;
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

function isInside(distance: number, { radius, outside }: BallOptions, i: number): boolean {
  if (distance <= radius) return true;
  if (outside === 'leaveOut' && Number.isFinite(distance)) return false;
  const remedy = 'leave it out (outside: leaveOut) or take a larger radius';
  throw new DomainError(
    expectation(`ballCoefficients point ${i}`, `a distance in [0, ${radius}]`, distance, remedy),
  );
}

/** R_nl Y_lm of one point, degree after degree, order after order. */
function pointCoefficients(
  own: Float64Array,
  p: Float32Array | Float64Array,
  distance: number,
  options: BallOptions,
): void {
  const radial = radialFunctions([distance], options);
  // Any direction serves at the centre: R is 0 there above l = 0.
  const direction = distance > 0 ? Float64Array.from(p) : Float64Array.of(0, 0, 1);
  const harmonics = sphericalHarmonics(matrix(direction, 1, 3), options.degree);
  let at = 0;
  let order = 0;
  radialOrders(options).forEach((orders, l) => {
    for (const _ of orders) {
      const value = radial.data[order++];
      for (let m = 0; m <= 2 * l; m++) own[at++] = value * harmonics.data[l * l + m];
    }
  });
}
