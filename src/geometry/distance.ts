import { type Matrix, type Matrix64, matrix } from '../core/matrix.js';
import type { Space } from '../core/space.js';
import { kernelOf } from './kernel.js';
import { requirePoints } from './points.js';

/**
 * d(x, y) in any space, float64: euclidean |x - y|; cosine 1 - cos; innerProduct -x·y; sphere arc length (1/√K) times
 * the angle; poincare and lorentz geodesic length; stereographic the same for any sign of K, 2|x - y| at K = 0; star
 * x + y, the distance between different items; product Σ w d or √(Σ w d²).
 * @param x, y columnsOf(space) values
 * @throws ShapeError, DomainError: see requirePoints
 * @source Bachmann, Bécigneul, Ganea 2020, arXiv:1911.05076, for the stereographic model
 */
export function distance(space: Space, x: ArrayLike<number>, y: ArrayLike<number>): number {
  return distanceMatrix(space, asRow(x), asRow(y)).data[0];
}

/**
 * d of each row of X to each row of Y.
 * @param X [n, columnsOf(space)] @param Y [m, columnsOf(space)]
 * @returns [n, m]
 * @throws ShapeError, DomainError: see requirePoints
 */
export function distanceMatrix(space: Space, X: Matrix, Y: Matrix): Matrix64 {
  requirePoints(space, X, 'distanceMatrix X');
  if (Y !== X) requirePoints(space, Y, 'distanceMatrix Y');
  const kernel = kernelOf(space);
  const x = kernel.load(X, 0, X.rows);
  const y = Y === X ? x : kernel.load(Y, 0, Y.rows);
  const data = new Float64Array(X.rows * Y.rows);
  for (let i = 0; i < X.rows; i++) {
    kernel.distances(x, i, y, data.subarray(i * Y.rows, (i + 1) * Y.rows));
  }
  return matrix(data, X.rows, Y.rows);
}

function asRow(values: ArrayLike<number>): Matrix64 {
  return matrix(Float64Array.from(values), 1, values.length);
}
