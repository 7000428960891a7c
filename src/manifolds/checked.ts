import { requirePositive } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import { columnsOf } from '../core/space.js';
import * as tf from '../engine/tf.js';
import type { Curvature, Manifold, Metric } from './manifold.js';

/** The metric with tidied results and checked shapes. Its methods throw ShapeError for other columns or unequal rows. */
export function checkedMetric(metric: Metric): Metric {
  const { space } = metric;
  const columns = columnsOf(space);
  return {
    space,
    pairwise(x, y, options) {
      requireColumns(`${space.kind} pairwise`, columns, [x, y]);
      return tf.tidy(() => metric.pairwise(x, y, options));
    },
    dist(x, y) {
      requireRows(`${space.kind} dist`, columns, [x, y]);
      return tf.tidy(() => metric.dist(x, y));
    },
  };
}

/** The same for all maps of a manifold. */
export function checkedManifold(manifold: Manifold): Manifold {
  const { space, columns, dimension } = manifold;
  type Map = Exclude<
    keyof Manifold,
    'space' | 'columns' | 'dimension' | 'pairwise' | 'dist' | 'origin' | 'frame'
  >;
  const checked =
    <K extends Map>(name: K) =>
    (...rows: Parameters<Manifold[K]>): tf.Tensor2D => {
      requireRows(`${space.kind} ${name}`, columns, rows);
      return tf.tidy(() => (manifold[name] as (...args: tf.Tensor2D[]) => tf.Tensor2D)(...rows));
    };
  return {
    ...checkedMetric(manifold),
    ...{ columns, dimension },
    inner: checked('inner'),
    exp: checked('exp'),
    log: checked('log'),
    exp0: checked('exp0'),
    log0: checked('log0'),
    transport: checked('transport'),
    project: checked('project'),
    projectTangent: checked('projectTangent'),
    egrad2rgrad: checked('egrad2rgrad'),
    origin: () => tf.tidy(() => manifold.origin()),
    frame(coordinates) {
      requireColumns(`${space.kind} frame`, dimension, [coordinates]);
      return tf.tidy(() => manifold.frame(coordinates));
    },
  };
}

/**
 * What can be known of a curvature without looking at a tensor's value.
 * @throws DomainError for a number of the other sign, ShapeError for a tensor that is no scalar
 */
export function requireCurvature(curvature: Curvature, sign: 1 | -1, who: string): void {
  if (typeof curvature === 'number')
    requirePositive(sign * curvature, `${who} ${sign < 0 ? '-' : ''}curvature`);
  else if (curvature.rank !== 0) {
    throw new ShapeError(
      expectation(`${who} curvature`, 'a scalar', curvature.shape, 'one value for the whole space'),
    );
  }
}

function requireColumns(who: string, columns: number, tensors: readonly tf.Tensor2D[]): void {
  for (const { shape } of tensors) {
    if (shape.length === 2 && shape[1] === columns) continue;
    throw new ShapeError(expectation(who, `rows of ${columns} columns`, shape, 'pass vectors of this space'));
  }
}

function requireRows(who: string, columns: number, tensors: readonly tf.Tensor2D[]): void {
  requireColumns(who, columns, tensors);
  const [{ shape }] = tensors;
  const other = tensors.find((t) => t.shape[0] !== shape[0]);
  if (other) {
    throw new ShapeError(
      expectation(who, `${shape[0]} rows in each argument`, other.shape, 'pass one for each'),
    );
  }
}
