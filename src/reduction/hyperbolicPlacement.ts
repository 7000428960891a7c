import { Matrix as DenseMatrix, pseudoInverse } from 'ml-matrix';
import { requireInteger, requirePositive } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import { type Matrix, matrix, row } from '../core/matrix.js';
import { requirePoints, requireRows } from '../geometry/points.js';
import { requireDistancesTo } from './distanceChecks.js';
import { chordToDistance, distanceTimesSlope } from './hyperboloidPairs.js';
import { lbfgs } from './lbfgs.js';
import type { Placed } from './placement.js';

/**
 * Out-of-sample extension in hyperbolic space: each new item is placed by itself where Σ_j (δ_j - d_j)² over the known
 * points is least, as found by L-BFGS from two starts, a solution of the linear equations <x, y_j> = -cosh δ_j, each
 * divided by its right side, and the nearest known point.
 * @param known [m, dim + 1] on the hyperboloid of this curvature, time first, m >= 1; they stay where they are
 * @param distances [q, m], δ >= 0, u
 * @returns points [q, dim + 1] and the stress of each
 * @throws ShapeError unless shapes fit, DomainError naming a row off the hyperboloid or with a negative distance,
 *   UsageError for options out of range
 */
export function placeHyperbolicPoints(
  known: Matrix,
  distances: Matrix,
  {
    curvature = -1,
    maxIterations = 100,
    tolerance = 1e-9,
  }: {
    /** K < 0, 1/u². Default -1. */
    readonly curvature?: number;
    /** Steps for each point and start. Default 100. */
    readonly maxIterations?: number;
    /** A step that lowers the squared stress by less than this share of it is the last. Default 1e-9. */
    readonly tolerance?: number;
  } = {},
): Placed {
  const who = 'placeHyperbolicPoints';
  requirePositive(-curvature, `${who} -curvature`);
  requireInteger(maxIterations, 0, `${who} maxIterations`);
  requirePositive(tolerance, `${who} tolerance`);
  requireRows(known, `${who} known`);
  const dim = known.columns - 1;
  if (dim < 1) {
    throw new ShapeError(
      expectation(`${who} known`, '2 columns or more', known.columns, 'pass Lorentz rows'),
    );
  }
  requirePoints({ kind: 'lorentz', dim, curvature }, known, `${who} known`);
  requireDistancesTo(distances, known.rows, who);
  const root = Math.sqrt(-curvature);
  const y = Float64Array.from(known.data, (value) => value * root);
  const solve = triangulation(y, known.rows, dim);
  const data = new Float64Array(distances.rows * (dim + 1));
  const stress = new Float64Array(distances.rows);
  for (let i = 0; i < distances.rows; i++) {
    const delta = Float64Array.from(row(distances, i), (d) => d * root);
    const total = delta.reduce((sum, d) => sum + d * d, 0);
    const nearest = delta.reduce((at, d, j) => (d < delta[at] ? j : at), 0);
    const starts = [solve(delta), y.slice(nearest * (dim + 1) + 1, (nearest + 1) * (dim + 1))];
    const objective = (x: Float64Array, gradient: Float64Array) => stressOf(x, y, delta, gradient);
    const ends = starts
      .filter((start) => start.every(Number.isFinite))
      .map((start) => lbfgs(objective, start, { iterations: maxIterations, tolerance }));
    const { x, value } = ends.reduce((a, b) => (b.value < a.value ? b : a));
    data[i * (dim + 1)] = Math.hypot(1, ...x) / root;
    for (let k = 0; k < dim; k++) data[i * (dim + 1) + k + 1] = x[k] / root;
    stress[i] = total > 0 ? Math.sqrt(value / total) : 0;
  }
  return { points: matrix(data, distances.rows, dim + 1), stress };
}

/** Σ_j (d_j - δ_j)² by the space part x of one point. */
function stressOf(x: Float64Array, y: Float64Array, delta: Float64Array, gradient: Float64Array): number {
  const dim = x.length;
  const time = Math.sqrt(x.reduce((sum, v) => sum + v * v, 1));
  gradient.fill(0);
  let raw = 0;
  for (let j = 0; j < delta.length; j++) {
    const at = j * (dim + 1);
    const dt = time - y[at];
    let q = -dt * dt;
    for (let k = 0; k < dim; k++) q += (x[k] - y[at + k + 1]) ** 2;
    // Rounding takes that of near points far from the origin below 0.
    q = Math.max(0, q);
    const d = chordToDistance(q);
    const off = d - delta[j];
    raw += off * off;
    const pull = d > 0 ? 2 * off * (distanceTimesSlope(q) / d) : 0;
    for (let k = 0; k < dim; k++) gradient[k] += 2 * pull * (x[k] - y[at + k + 1] - (dt * x[k]) / time);
  }
  return raw;
}

/** Least squares of the equations (t t_j - x·y_j) / cosh δ_j = 1, of which the space part is taken. */
function triangulation(y: Float64Array, m: number, dim: number) {
  return (delta: Float64Array): Float64Array => {
    const columns = dim + 1;
    const gram = DenseMatrix.zeros(columns, columns);
    const right = DenseMatrix.zeros(columns, 1);
    for (let j = 0; j < m; j++) {
      const unit = 1 / Math.cosh(delta[j]);
      const equation = Float64Array.from(
        { length: columns },
        (_, k) => (k === 0 ? unit : -unit) * y[j * columns + k],
      );
      for (let k = 0; k < columns; k++) {
        right.set(k, 0, right.get(k, 0) + equation[k]);
        for (let l = 0; l < columns; l++) gram.set(k, l, gram.get(k, l) + equation[k] * equation[l]);
      }
    }
    return Float64Array.from(pseudoInverse(gram).mmul(right).getColumn(0).slice(1));
  };
}
