import { requireFinite, requirePositive } from '../core/checks.js';
import { DomainError, expectation, ShapeError, UsageError } from '../core/errors.js';
import { type Matrix, type Matrix64, row } from '../core/matrix.js';
import type { Space } from '../core/space.js';
import { type Manifold, manifoldOf } from './manifold.js';
import { requirePoints } from './points.js';
import { byFactor, project, projectTangent, slice } from './projection.js';
import { combine, scale } from './vector.js';

type Values = ArrayLike<number>;

/**
 * How a point follows a step: along the geodesic, or straight on and put back by `project`, which agrees with it to
 * first order. geoopt 0.5 takes firstOrder on the ball, the stereographic model and the sphere, exp on the hyperboloid.
 */
export type Retraction = 'exp' | 'firstOrder';

export interface DescentOptions {
  /** >= 0 */
  readonly learningRate: number;
  /** Default exp. */
  readonly retraction?: Retraction;
  /** Share of a ball's radius that points keep from its rim. Default 1e-5, as geoopt in float64. */
  readonly margin?: number;
  /** An L2 penalty: so many times the point's own values are added to its Euclidean gradient. Default 0. */
  readonly l2?: number;
}

export interface SgdOptions extends DescentOptions {
  /** 0 <= momentum < 1; default 0. */
  readonly momentum?: number;
  /** The gradient enters the momentum times 1 - dampening. Default 0. */
  readonly dampening?: number;
  /** Needs momentum > 0 and dampening 0. */
  readonly nesterov?: boolean;
  /**
   * What the momentum is before the first step: zero (default), or the Euclidean gradient, as geoopt 0.5 has it, which
   * is much longer than the Riemannian one near the rim of a ball, and no tangent vector of a sphere or hyperboloid.
   */
  readonly momentumStart?: 'zero' | 'euclideanGradient';
}

export interface AdamOptions extends DescentOptions {
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Divides by the largest second moment so far. Default false. */
  readonly amsgrad?: boolean;
}

/** Tangent vectors at the points, one a row. */
export interface SgdState {
  readonly momentum: Matrix64;
}

export interface AdamState {
  /** Steps done. */
  readonly step: number;
  /** Tangent vectors at the points. */
  readonly first: Matrix64;
  /** Of the squared length of a row's gradient, the same in all its columns; see squaredLengths. */
  readonly second: Matrix64;
  /** Largest `second` so far, with amsgrad. */
  readonly largest: Matrix64;
}

export interface Step<State> {
  readonly points: Matrix64;
  readonly state: State;
}

/**
 * One step of stochastic gradient descent. The momentum is transported along with its point.
 * @param points [n, columns] @param gradient Euclidean, [n, columns] @param state undefined before the first step
 * @throws ShapeError for other shapes, DomainError for values that are not finite or a point off the manifold,
 *   UsageError for options out of range
 * @source Bonnabel 2013, arXiv:1111.5280, eq. 2; momentum as in Sutskever et al. 2013, section 2
 */
export function riemannianSgdStep(
  manifold: Manifold,
  points: Matrix,
  gradient: Matrix,
  state: SgdState | undefined,
  options: SgdOptions,
): Step<SgdState> {
  const { learningRate, momentum = 0, dampening = 0, nesterov = false, momentumStart = 'zero' } = options;
  requireSgdOptions({ momentum, dampening, nesterov });
  requireInputs(manifold, points, gradient, options, 'riemannianSgdStep');
  const next = { points: empty(points), momentum: empty(points) };
  for (let i = 0; i < points.rows; i++) {
    const x = row(points, i);
    const euclidean = penalised(x, row(gradient, i), options);
    const g = manifold.egrad2rgrad(x, euclidean);
    const start = momentumStart === 'zero' ? scale(0, g) : row(gradient, i);
    const before = state ? row(state.momentum, i) : start;
    const kept = momentum > 0 ? combine(momentum, before, 1 - dampening, g) : g;
    const direction = nesterov ? combine(1, g, momentum, kept) : kept;
    const y = retract(manifold, x, scale(-learningRate, direction), options);
    next.points.data.set(y, i * points.columns);
    next.momentum.data.set(carry(manifold, x, y, kept), i * points.columns);
  }
  requireFinite(next.points.data, points.columns, 'riemannianSgdStep points');
  return { points: next.points, state: { momentum: next.momentum } };
}

/**
 * One step of Adam. The first moment is a tangent vector, transported along with its point; the second is a number a
 * row, the mean squared Riemannian length of its gradient, so that the step does not depend on the choice of columns.
 * @param points [n, columns] @param gradient Euclidean, [n, columns] @param state undefined before the first step
 * @throws as riemannianSgdStep
 * @source Bécigneul and Ganea 2019, arXiv:1810.00760, with bias corrections as in Kingma and Ba 2015
 */
export function riemannianAdamStep(
  manifold: Manifold,
  points: Matrix,
  gradient: Matrix,
  state: AdamState | undefined,
  options: AdamOptions,
): Step<AdamState> {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false } = options;
  requireAdamOptions({ beta1, beta2, epsilon });
  requireInputs(manifold, points, gradient, options, 'riemannianAdamStep');
  const { columns } = points;
  const before = state ?? { step: 0, first: empty(points), second: empty(points), largest: empty(points) };
  const step = before.step + 1;
  const next = { points: empty(points), first: empty(points), second: empty(points), largest: empty(points) };
  for (let i = 0; i < points.rows; i++) {
    const x = row(points, i);
    const g = manifold.egrad2rgrad(x, penalised(x, row(gradient, i), options));
    const first = combine(beta1, row(before.first, i), 1 - beta1, g);
    const second = combine(beta2, row(before.second, i), 1 - beta2, squaredLengths(manifold.space, x, g));
    const largest = second.map((value, k) => Math.max(value, row(before.largest, i)[k]));
    const scales = amsgrad ? largest : second;
    const direction = first.map(
      (m, k) => m / (1 - beta1 ** step) / (Math.sqrt(scales[k] / (1 - beta2 ** step)) + epsilon),
    );
    const y = retract(manifold, x, scale(-learningRate, direction), options);
    next.points.data.set(y, i * columns);
    next.first.data.set(carry(manifold, x, y, first), i * columns);
    next.second.data.set(second, i * columns);
    next.largest.data.set(largest, i * columns);
  }
  requireFinite(next.points.data, columns, 'riemannianAdamStep points');
  const { points: moved, ...moments } = next;
  return { points: moved, state: { step, ...moments } };
}

/** The point that a step u from x leads to, on the manifold and inside the margin. */
export function retract(
  manifold: Manifold,
  x: Values,
  u: Values,
  { retraction = 'exp', margin = 1e-5 }: Pick<DescentOptions, 'retraction' | 'margin'> = {},
): Float64Array {
  const y = retraction === 'exp' ? manifold.exp(x, u) : combine(1, x, 1, u);
  return project(manifold.space, y, margin);
}

/**
 * Squared Riemannian length of the tangent vector u at x, in every column: of the whole vector on a curved space, of
 * its part in each factor on a product, and of each value by itself on a flat space, which makes Adam the usual one.
 */
export function squaredLengths(space: Space, x: Values, u: Values): Float64Array {
  if (space.kind === 'euclidean') return Float64Array.from(u, (value) => value * value);
  if (space.kind !== 'product') return new Float64Array(u.length).fill(manifoldOf(space).norm(x, u) ** 2);
  return byFactor(space.factors, (factor, from, to, weight) =>
    scale(weight, squaredLengths(factor, slice(x, from, to), slice(u, from, to))),
  );
}

function carry(manifold: Manifold, x: Values, y: Values, v: Values): Float64Array {
  return projectTangent(manifold.space, y, manifold.transport(x, y, v));
}

function penalised(x: Values, g: Values, { l2 = 0 }: DescentOptions): Float64Array {
  return combine(1, g, l2, x);
}

function empty({ rows, columns }: Matrix): Matrix64 {
  return { data: new Float64Array(rows * columns), rows, columns };
}

function requireInputs(
  manifold: Manifold,
  points: Matrix,
  gradient: Matrix,
  { learningRate, l2 = 0 }: DescentOptions,
  who: string,
): void {
  requireNotNegative(learningRate, `${who} learningRate`);
  requireNotNegative(l2, `${who} l2`);
  for (const [name, { rows, columns }] of Object.entries({ points, gradient })) {
    if (rows === points.rows && columns === manifold.columns) continue;
    throw new ShapeError(
      expectation(
        `${who} ${name}`,
        `[${points.rows}, ${manifold.columns}]`,
        [rows, columns],
        'pass one row a point',
      ),
    );
  }
  requirePoints(manifold.space, points, `${who} points`);
  requireFinite(gradient.data, gradient.columns, `${who} gradient`);
}

/** @throws DomainError unless 0 <= beta < 1 for both and epsilon > 0 */
export function requireAdamOptions(options: { beta1: number; beta2: number; epsilon: number }): void {
  requireShare(options.beta1, 'adam beta1');
  requireShare(options.beta2, 'adam beta2');
  requirePositive(options.epsilon, 'adam epsilon');
}

/** @throws DomainError unless 0 <= momentum < 1 and 0 <= dampening < 1, UsageError for nesterov without its needs */
export function requireSgdOptions(options: { momentum: number; dampening: number; nesterov: boolean }): void {
  const { momentum, dampening, nesterov } = options;
  requireShare(momentum, 'sgd momentum');
  requireShare(dampening, 'sgd dampening');
  if (!nesterov || (momentum > 0 && dampening === 0)) return;
  const got = { momentum, dampening };
  throw new UsageError(
    expectation('sgd nesterov', 'momentum > 0 and dampening 0', got, 'change one of the three'),
  );
}

function requireShare(value: number, who: string): void {
  if (value >= 0 && value < 1) return;
  throw new DomainError(expectation(who, 'a number >= 0 and < 1', value, 'check this option'));
}

function requireNotNegative(value: number, who: string): void {
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return;
  throw new DomainError(expectation(who, 'a finite number >= 0', value, 'check this option'));
}
