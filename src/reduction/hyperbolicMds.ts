import { requireInteger, requirePositive } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import { type Matrix, type Matrix64, matrix, takeRows } from '../core/matrix.js';
import type { Space } from '../core/space.js';
import { requireDistances } from './distanceChecks.js';
import { hydra, MAX_SCALED_DISTANCE } from './hydra.js';
import { placeHyperbolicPoints } from './hyperbolicPlacement.js';
import { hyperbolicStress, type StressTask } from './hyperbolicStress.js';
import { timesOf } from './hyperboloidPairs.js';
import { chooseLandmarks } from './landmarks.js';
import { lbfgs } from './lbfgs.js';

export interface HyperbolicMdsOptions {
  /** Dimension of the space, >= 1. Default 2. */
  readonly dim?: number;
  /** K < 0, 1/u², or search (default): it is fitted together with the points. */
  readonly curvature?: number | 'search';
  /** Of the choice of landmarks. Default 0. */
  readonly seed?: number;
  /** Steps of L-BFGS on all points, >= 0. Default 300. */
  readonly maxIterations?: number;
  /** A step that lowers the squared stress by less than this share of it is the last. Default 1e-7. */
  readonly tolerance?: number;
  /** Points that are decomposed for the start, 2..1000; the others are placed among them. Default 200. */
  readonly landmarks?: number;
}

export interface HyperbolicMds {
  /** lorentz, with the curvature given or found. */
  readonly space: Extract<Space, { readonly curvature: number }>;
  /** [n, dim + 1], time first. */
  readonly points: Matrix64;
  /** Kruskal's stress-1, √(Σ (δ - d)² / Σ δ²) over pairs. */
  readonly stress: number;
  readonly iterations: number;
}

/** √-K times the largest distance, where the search for a curvature begins: from nearly flat to a deep tree. */
const STARTING_WIDTHS = [1, 4, 8, 16, 32];

/**
 * Multidimensional scaling in hyperbolic space by its stress: `hydra` on landmarks, the others placed among them, then
 * L-BFGS on all. With a free curvature the search also moves the scale, s = √-K: distances d of the unit hyperboloid
 * come near s δ, relative to their size. It ends in a local minimum; curvature 0, where the space is flat, is
 * approached and not reached. A step costs n² / 2 distances: about 0.02 s at 1,000 points.
 * @param distances [n, n], u, symmetric, >= 0
 * @throws ShapeError unless square, DomainError naming a row with values that are no distances, and for a curvature
 *   that puts the largest distance beyond 300 / √-K; UsageError for options out of range
 * @source Keller-Ressel and Nargang 2020, "Hydra", sections 3 and 5; the free scale is that of Borg and Groenen 2005,
 *   "Modern multidimensional scaling", section 9.1
 */
export function hyperbolicMds(
  distances: Matrix,
  {
    dim = 2,
    curvature = 'search',
    seed = 0,
    maxIterations = 300,
    tolerance = 1e-7,
    landmarks = 200,
  }: HyperbolicMdsOptions = {},
): HyperbolicMds {
  const who = 'hyperbolicMds';
  requireInteger(dim, 1, `${who} dim`);
  requireInteger(maxIterations, 0, `${who} maxIterations`);
  requireInteger(landmarks, 2, `${who} landmarks`, 1000);
  requirePositive(tolerance, `${who} tolerance`);
  if (curvature !== 'search') requirePositive(-curvature, `${who} -curvature`);
  requireDistances(distances, who);
  const widest = Float64Array.from(distances.data).reduce((a, b) => Math.max(a, b), 0);
  const task: StressTask = { delta: distances.data, n: distances.rows, dim };
  const total = squaresOf(task);
  const isFree = curvature === 'search' && widest > 0;
  const scales = isFree
    ? STARTING_WIDTHS.map((w) => w / widest)
    : [curvature === 'search' ? 1 : Math.sqrt(-curvature)];
  requireWidth(scales, widest);
  const start = bestStart(distances, scales, { dim, seed, landmarks });
  const end = descend(task, total, start, isFree, { maxIterations, tolerance });
  const root = end.scale;
  return {
    space: { kind: 'lorentz', dim, curvature: curvature === 'search' ? -root * root : curvature },
    points: lifted(end.space, dim, root),
    stress: Math.sqrt(end.value),
    iterations: end.iterations,
  };
}

interface Start {
  /** [n, dim], space parts on the unit hyperboloid. */
  readonly space: Float64Array;
  /** √-K */
  readonly scale: number;
}

/** The scale whose landmarks have the least stress; then the other points among them. */
function bestStart(
  distances: Matrix,
  scales: readonly number[],
  { dim, seed, landmarks }: { readonly dim: number; readonly seed: number; readonly landmarks: number },
): Start {
  const n = distances.rows;
  const { data } = distances;
  const chosen = chooseLandmarks(n, Math.min(n, landmarks), (i) => data.subarray(i * n, (i + 1) * n), seed);
  const between = takeRows(chosen.distances, chosen.rows);
  const tried = scales.map((scale) => ({
    scale,
    ...hydra(between, { dim, curvature: -scale * scale, refinements: 60 }),
  }));
  const best = tried.reduce((a, b) => (b.stress.refined < a.stress.refined ? b : a));
  if (chosen.rows.length === n) {
    const inOrder = new Float64Array(n * dim);
    for (const [at, i] of chosen.rows.entries()) {
      inOrder.set(best.spaceParts.data.subarray(at * dim, (at + 1) * dim), i * dim);
    }
    return { space: inOrder, scale: best.scale };
  }
  const known = lifted(best.spaceParts.data, dim, best.scale);
  const placed = placeHyperbolicPoints(known, chosen.distances, { curvature: -best.scale * best.scale });
  const space = new Float64Array(n * dim);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < dim; k++) space[i * dim + k] = placed.points.data[i * (dim + 1) + k + 1] * best.scale;
  }
  return { space, scale: best.scale };
}

/** Σ (d - s δ)² / Σ (s δ)², by the space parts and, where it is free, by log s. */
function descend(
  task: StressTask,
  total: number,
  start: Start,
  isFree: boolean,
  { maxIterations, tolerance }: { readonly maxIterations: number; readonly tolerance: number },
) {
  const size = start.space.length;
  const x = new Float64Array(isFree ? size + 1 : size);
  x.set(start.space);
  if (isFree) x[size] = Math.log(start.scale);
  const scaleOf = (at: Float64Array) => (isFree ? Math.exp(at[size]) : start.scale);
  const objective = (at: Float64Array, gradient: Float64Array): number => {
    const s = scaleOf(at);
    const norm = total > 0 ? s * s * total : 1;
    const parts = gradient.subarray(0, size);
    const { raw, byScale } = hyperbolicStress(at.subarray(0, size), task, s, parts);
    for (let k = 0; k < size; k++) parts[k] /= norm;
    if (isFree) gradient[size] = (s * byScale - 2 * raw) / norm;
    return raw / norm;
  };
  const end = lbfgs(objective, x, { iterations: maxIterations, tolerance });
  return { ...end, space: end.x.slice(0, size), scale: scaleOf(end.x) };
}

/** Space parts of the unit hyperboloid -> points of that of curvature -root², time first. */
function lifted(space: Float64Array, dim: number, root: number): Matrix64 {
  const time = timesOf(space, dim);
  const data = new Float64Array(time.length * (dim + 1));
  for (let i = 0; i < time.length; i++) {
    data[i * (dim + 1)] = time[i] / root;
    for (let k = 0; k < dim; k++) data[i * (dim + 1) + k + 1] = space[i * dim + k] / root;
  }
  return matrix(data, time.length, dim + 1);
}

function squaresOf({ delta, n }: StressTask): number {
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum += delta[i * n + j] ** 2;
  return sum;
}

function requireWidth(scales: readonly number[], widest: number): void {
  const width = scales[scales.length - 1] * widest;
  if (width <= MAX_SCALED_DISTANCE) return;
  const expected = `√(-K) d <= ${MAX_SCALED_DISTANCE}`;
  throw new DomainError(
    expectation('hyperbolicMds distances', expected, width, 'choose a curvature nearer to 0'),
  );
}
