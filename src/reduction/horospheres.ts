import { type Matrix, type Matrix64, matrix, row } from '../core/matrix.js';
import { difference, dist } from '../geometry/poincare.js';
import { dot, norm, scale } from '../geometry/vector.js';

/** Nearer to the spine, where the root is 0, the slope grows without bound and says nothing about a step of finite length. */
const SPINE = 0.1;

/** Rows of a hyperboloid of curvature -1. */
export interface Sheet {
  readonly space: Matrix64;
  readonly time: Float64Array;
}

/** The points moved so that `mean`, their Fréchet mean, is the origin, in units of 1/√c. */
export function centredSheet(mean: Float64Array, points: Matrix, c: number): Sheet {
  const space = new Float64Array(points.rows * points.columns);
  const time = new Float64Array(points.rows);
  for (let i = 0; i < points.rows; i++) {
    const x = row(points, i);
    // By the distance, since a point that is moved may be rounded onto the rim.
    const r = Math.sqrt(c) * dist(mean, x, c);
    const way = difference(mean, x, c);
    time[i] = Math.cosh(r);
    space.set(r > 0 ? scale(Math.sinh(r) / norm(way), way) : way, i * points.columns);
  }
  return { space: matrix(space, points.rows, points.columns), time };
}

/**
 * Horospherical projection onto the span of the origin and the ideal points: e_k = t - x·p_k is exp of the Busemann
 * function, and the image y has t_y - y_k = e_k for all k, on the origin's side.
 */
export function project(
  { space, time }: Sheet,
  P: Matrix64,
): { space: Float64Array; time: Float64Array; e: Float64Array } {
  const K = P.rows;
  const n = time.length;
  const [e, y, t] = [new Float64Array(n * K), new Float64Array(n * K), new Float64Array(n)];
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < K; k++) e[i * K + k] = time[i] - dot(row(space, i), row(P, k));
    t[i] = heightOf(e.subarray(i * K, (i + 1) * K));
    for (let k = 0; k < K; k++) y[i * K + k] = t[i] - e[i * K + k];
  }
  return { space: y, time: t, e };
}

/** The lower root t of (1 - K) t² + 2 t Σe - Σe² - 1 = 0. */
function heightOf(e: Float64Array): number {
  if (e.length === 1) return (e[0] + 1 / e[0]) / 2;
  const { sum, root } = discriminant(e);
  return (sum - root) / (e.length - 1);
}

function discriminant(e: Float64Array): { sum: number; root: number } {
  const sum = e.reduce((a, b) => a + b, 0);
  // Points on the spine, where the root is 0, are rounded to either side of it.
  const root = Math.sqrt(Math.max(0, sum * sum - (e.length - 1) * (dot(e, e) + 1)));
  return { sum, root };
}

/** dt/de_k; bounded near the spine. */
export function heightSlope(e: Float64Array, k: number): number {
  if (e.length === 1) return (1 - 1 / (e[0] * e[0])) / 2;
  const { sum, root } = discriminant(e);
  return (1 - (sum - (e.length - 1) * e[k]) / Math.max(root, SPINE)) / (e.length - 1);
}
