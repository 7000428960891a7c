import { requireInteger } from '../core/checks.js';
import { type Matrix, type Matrix64, matrix, row, takeRows } from '../core/matrix.js';
import { frechetMean } from '../geometry/frechetMean.js';
import { requireRows } from '../geometry/points.js';
import { dot, norm } from '../geometry/vector.js';
import { evenRows } from './evenRows.js';
import { centredSheet, heightSlope, project, type Sheet } from './horospheres.js';
import { chordSquared, chordToDistance, distanceTimesSlope, toUnitBall } from './hyperboloidPairs.js';
import { pca } from './pca.js';

export interface HoroPca {
  /** [n, components] in the closed unit ball, the Poincaré model of curvature -1; the Fréchet mean is at the centre. */
  readonly coordinates: Matrix64;
  /** [components, dim]: orthonormal ideal points, the directions of the projection. */
  readonly directions: Matrix64;
  /** Share of the mean squared pair distance that the projection keeps, 0..1 but for rounding, on the rows that were looked at. */
  readonly explained: number;
}

export interface HoroPcaOptions {
  /** 1..dim. Default 2. */
  readonly components?: number;
  /** Directions are sought on this many rows, spread evenly over all. Default 400. */
  readonly sample?: number;
  /** Most steps of the search. Default 100. */
  readonly iterations?: number;
}

/**
 * Principal components along horospheres: ideal points p_1..p_K such that the projection which keeps the Busemann
 * functions of all of them keeps the most of the squared distances between points. Unlike geodesic projections it
 * does not shrink distances far from the centre.
 * @param points [n, dim] inside the ball of curvature -c, n >= 1
 * @throws ShapeError for 0 rows, UsageError for components out of range, DomainError for rows outside the ball
 * @source Chami, Gu, Nguyen, Ré 2021, arXiv:2106.03306, sections 3 and 4; gradient in closed form
 */
export function horoPca(points: Matrix, c: number, options: HoroPcaOptions = {}): HoroPca {
  requireRows(points, 'horoPca');
  return horoPcaAt(frechetMean(points, c), points, c, options);
}

/** horoPca of points whose Fréchet mean is known. @param mean inside the ball, [dim] */
export function horoPcaAt(
  mean: Float64Array,
  points: Matrix,
  c: number,
  { components: K = 2, sample = 400, iterations = 100 }: HoroPcaOptions = {},
): HoroPca {
  requireInteger(K, 1, 'horoPca components', points.columns);
  requireInteger(sample, 1, 'horoPca sample');
  requireInteger(iterations, 0, 'horoPca iterations');
  const { space, time } = centredSheet(mean, points, c);
  const chosen = evenRows(points.rows, sample);
  const some = { space: takeRows(space, chosen), time: Float64Array.from(chosen, (i) => time[i]) };
  const directions = search(some, K, iterations);
  const all = project({ space, time }, directions);
  return {
    coordinates: matrix(toUnitBall(all.space, K), points.rows, K),
    directions,
    explained: keptShare(some, directions),
  };
}

/** Mean over pairs of the squared distances between projections, and its gradient by the frame of directions. */
function spread(sheet: Sheet, P: Matrix64): { value: number; gradient: Float64Array } {
  const K = P.rows;
  const { space: y, time: t, e } = project(sheet, P);
  const n = t.length;
  const [dy, dt] = [new Float64Array(n * K), new Float64Array(n)];
  const pairs = Math.max(1, (n * (n - 1)) / 2);
  let value = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const q = chordSquared(y, t, K, i, j);
      value += chordToDistance(q) ** 2 / pairs;
      const pull = (4 * distanceTimesSlope(q)) / pairs;
      dt[i] -= pull * (t[i] - t[j]);
      dt[j] += pull * (t[i] - t[j]);
      for (let k = 0; k < K; k++) {
        const apart = pull * (y[i * K + k] - y[j * K + k]);
        dy[i * K + k] += apart;
        dy[j * K + k] -= apart;
      }
    }
  }
  const gradient = new Float64Array(K * P.columns);
  for (let i = 0; i < n; i++) {
    const own = e.subarray(i * K, (i + 1) * K);
    let raised = dt[i];
    for (let k = 0; k < K; k++) raised += dy[i * K + k];
    for (let k = 0; k < K; k++) {
      const de = raised * heightSlope(own, k) - dy[i * K + k];
      for (let m = 0; m < P.columns; m++)
        gradient[k * P.columns + m] -= de * sheet.space.data[i * P.columns + m];
    }
  }
  return { value, gradient: tangentPart(P, gradient) };
}

/** The part along the orthonormal frames: what would stretch the frame or shear it is taken out. */
function tangentPart(P: Matrix64, gradient: Float64Array): Float64Array {
  const G = matrix(gradient, P.rows, P.columns);
  const tangent = Float64Array.from(gradient);
  for (let k = 0; k < P.rows; k++) {
    for (let l = 0; l < P.rows; l++) {
      const share = (dot(row(G, k), row(P, l)) + dot(row(G, l), row(P, k))) / 2;
      for (let m = 0; m < P.columns; m++) tangent[k * P.columns + m] -= share * row(P, l)[m];
    }
  }
  return tangent;
}

/** Shortest turn that is tried, in radians, and the share of the spread that a step must add: no drawing shows less. */
const SHORTEST = 1e-8;
const LEAST_GAIN = 1e-7;

/** Steepest ascent over orthonormal frames with backtracking, from the best of eight turns of the plain components. */
function search(sheet: Sheet, K: number, iterations: number): Matrix64 {
  let best = starts(sheet.space, K).reduce<
    { P: Matrix64; value: number; gradient: Float64Array } | undefined
  >((found, P) => {
    const tried = { P, ...spread(sheet, P) };
    return found && found.value >= tried.value ? found : tried;
  }, undefined)!;
  let rate = 1;
  for (let i = 0; i < iterations; i++) {
    const length = norm(best.gradient);
    if (!(length > 0)) break;
    const before = best.value;
    for (rate = Math.min(1, rate * 4); rate > SHORTEST; rate /= 2) {
      const P = orthonormal(
        matrix(
          best.P.data.map((v, m) => v + (rate / length) * best.gradient[m]),
          K,
          best.P.columns,
        ),
      );
      const tried = { P, ...spread(sheet, P) };
      if (tried.value > best.value) {
        best = tried;
        break;
      }
    }
    if (best.value - before <= LEAST_GAIN * best.value) break;
  }
  return best.P;
}

/** An ideal point and its opposite are different directions, and so is every turn of the frame. */
function starts(space: Matrix64, K: number): Matrix64[] {
  const { projection } = pca(space, K);
  if (K === 1)
    return [
      projection,
      matrix(
        projection.data.map((v) => -v),
        1,
        space.columns,
      ),
    ];
  const [first, second] = [row(projection, 0), row(projection, 1)];
  return Array.from({ length: 8 }, (_, turn) => {
    const [cos, sin] = [Math.cos((turn * Math.PI) / 4), Math.sin((turn * Math.PI) / 4)];
    const data = Float64Array.from(projection.data);
    data.set(first.map((v, m) => cos * v + sin * second[m]));
    data.set(
      first.map((v, m) => cos * second[m] - sin * v),
      space.columns,
    );
    return matrix(data, K, space.columns);
  });
}

/** Gram-Schmidt on the rows, in place. */
function orthonormal(P: Matrix64): Matrix64 {
  for (let k = 0; k < P.rows; k++) {
    const p = row(P, k);
    for (let l = 0; l < k; l++) {
      const share = dot(p, row(P, l));
      for (let m = 0; m < p.length; m++) p[m] -= share * row(P, l)[m];
    }
    const length = norm(p);
    for (let m = 0; m < p.length; m++) p[m] /= length;
  }
  return P;
}

function keptShare(sheet: Sheet, P: Matrix64): number {
  const n = sheet.time.length;
  let whole = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      whole += chordToDistance(chordSquared(sheet.space.data, sheet.time, sheet.space.columns, i, j)) ** 2;
    }
  }
  return whole > 0 ? (spread(sheet, P).value * n * (n - 1)) / 2 / whole : 0;
}
