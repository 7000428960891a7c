import { requireInteger } from '../core/checks.js';
import { expectation, ShapeError, UsageError } from '../core/errors.js';
import { type Matrix, type Matrix64, takeRows } from '../core/matrix.js';
import { Rng } from '../core/rng.js';
import type { Space } from '../core/space.js';
import { distanceMatrix } from '../geometry/distance.js';
import {
  fourPointHyperbolicity,
  gromovHyperbolicity,
  type Hyperbolicity,
  sampledFourPoint,
} from '../geometry/hyperbolicity.js';
import { requirePoints } from '../geometry/points.js';

/** Lengths are in the unit of the space's distances. */
export interface HyperbolicityReport {
  /** Gromov's δ with row 0 as base point; if `sampled`, the largest of the subsets, a lower bound. */
  readonly delta: number;
  /** Largest distance; if `sampled`, the largest within a subset, a lower bound. */
  readonly diameter: number;
  /** 2 delta / diameter, 0..1 for a metric: 0 for a tree. 0 too if all points coincide. */
  readonly deltaRel: number;
  /** 2.5 and 97.5 percentile of deltaRel over the subsets; deltaRel twice if there are none. */
  readonly interval: readonly [low: number, high: number];
  /** Constant of the four-point condition; unless `quadruples` is null a lower bound, never below delta. */
  readonly deltaFourPoint: number;
  /** K = -(0.144 / deltaRel)², < 0; null for a tree, which no finite curvature fits. */
  readonly suggestedCurvature: number | null;
  /** Rows. */
  readonly n: number;
  /** Whether delta and diameter come from subsets of the rows. */
  readonly sampled: boolean;
  /** Random subsets behind `interval`, each with row 0 in it as base point; null if there are none. */
  readonly subsets: { readonly count: number; readonly rows: number } | null;
  /** Random quadruples behind deltaFourPoint; null: all. */
  readonly quadruples: number | null;
}

export interface HyperbolicityOptions {
  /** Of subsets and quadruples. */
  readonly seed: number;
  /** Up to so many rows delta and diameter are exact. Default 1500: the time of an exact tree grows with the cube. */
  readonly exactRows?: number;
  /** Called after each subset of rows if `sampled`. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** δ relative to the diameter that Khrulkov et al. 2020 take for the Poincaré disk of curvature -1. */
const DELTA_OF_DISK = 0.144;
/** deltaRel at or below this is what rounding of float64 leaves of a tree's 0. */
const ROUNDING = 1e-12;
const EXACT_ROWS = 1500;
/** Up to so many rows all quadruples are looked at: 200 million at most. */
const ALL_QUADRUPLES_ROWS = 200;
const QUADRUPLES = 1_000_000;
/** Fewer rows have no subsets worth comparing. */
const LEAST_ROWS = 20;

/**
 * How close points are to a tree, and the curvature that fits them.
 * @param points [n, columnsOf(space)], n >= 1
 * @throws ShapeError for no rows or other columns; DomainError naming a row that is no point of the space; UsageError
 *   for a space with an inner product in it, under which a point is not at distance 0 from itself
 * @source Khrulkov et al. 2020, "Hyperbolic image embeddings", arXiv:1904.02239, section 4, for deltaRel, the subsets
 *   and the curvature; δ itself: see gromovHyperbolicity and fourPointHyperbolicity
 */
export function measureHyperbolicity(
  space: Space,
  points: Matrix,
  { seed, exactRows = EXACT_ROWS, onProgress }: HyperbolicityOptions,
): HyperbolicityReport {
  const who = 'hyperbolicity';
  requireInteger(exactRows, 1, `${who} exactRows`);
  if (points.rows === 0)
    throw new ShapeError(expectation(who, 'at least one row', 'none', 'pass other points'));
  requireMetric(space, who);
  requirePoints(space, points, who);
  const rng = new Rng(seed);
  if (points.rows > exactRows) return fromSubsets(space, points, exactRows, rng, onProgress);
  const n = points.rows;
  const distances = distancesWithin(space, points);
  const whole = gromovHyperbolicity(distances);
  const ratios: number[] = [];
  const subsets = n < LEAST_ROWS ? null : { count: 100, rows: Math.min(500, Math.ceil(n / 2)) };
  for (let s = 0; s < (subsets?.count ?? 0); s++) {
    const rows = rowsWithBase(n, subsets?.rows ?? 0, rng);
    ratios.push(relative(gromovHyperbolicity(distancesAmong(distances, rows))));
  }
  const all = n <= ALL_QUADRUPLES_ROWS;
  const deltaFourPoint = all
    ? fourPointHyperbolicity(distances)
    : sampledFourPoint(distances, QUADRUPLES, rng.split('quadruples'));
  const quadruples = all ? null : QUADRUPLES;
  return report(whole, ratios, deltaFourPoint, { n, sampled: false, subsets, quadruples });
}

/** δ and diameter grow with the rows, so the largest of the subsets is nearest to that of all. */
function fromSubsets(
  space: Space,
  points: Matrix,
  exactRows: number,
  rng: Rng,
  onProgress?: (done: number, total: number) => void,
): HyperbolicityReport {
  const subsets = { count: 20, rows: Math.min(1500, exactRows) };
  const ratios: number[] = [];
  let delta = 0;
  let diameter = 0;
  let fourPoint = 0;
  for (let s = 0; s < subsets.count; s++) {
    const rows = rowsWithBase(points.rows, subsets.rows, rng);
    const distances = distancesWithin(space, takeRows(points, rows));
    const found = gromovHyperbolicity(distances);
    delta = Math.max(delta, found.delta);
    diameter = Math.max(diameter, found.diameter);
    ratios.push(relative(found));
    const drawn = sampledFourPoint(distances, QUADRUPLES / subsets.count, rng.split(`quadruples ${s}`));
    fourPoint = Math.max(fourPoint, drawn);
    onProgress?.(s + 1, subsets.count);
  }
  const how = { n: points.rows, sampled: true, subsets, quadruples: QUADRUPLES };
  return report({ delta, diameter }, ratios, fourPoint, how);
}

function report(
  { delta, diameter }: Hyperbolicity,
  ratios: readonly number[],
  fourPoint: number,
  how: Pick<HyperbolicityReport, 'n' | 'sampled' | 'subsets' | 'quadruples'>,
): HyperbolicityReport {
  const deltaRel = relative({ delta, diameter });
  const sorted = Float64Array.from(ratios.length > 0 ? ratios : [deltaRel]).sort();
  return {
    delta,
    diameter,
    deltaRel,
    interval: [quantile(sorted, 0.025), quantile(sorted, 0.975)],
    deltaFourPoint: Math.max(delta, fourPoint),
    suggestedCurvature: deltaRel > ROUNDING ? -((DELTA_OF_DISK / deltaRel) ** 2) : null,
    ...how,
  };
}

function relative({ delta, diameter }: Hyperbolicity): number {
  return diameter > 0 ? (2 * delta) / diameter : 0;
}

/** A star's kernel gives the distance of different items, and rounding may leave some other space's diagonal > 0. */
function distancesWithin(space: Space, points: Matrix): Matrix64 {
  const distances = distanceMatrix(space, points, points);
  for (let i = 0; i < points.rows; i++) distances.data[i * points.rows + i] = 0;
  return distances;
}

function distancesAmong({ data, rows: n }: Matrix64, rows: Int32Array): Matrix64 {
  const among = new Float64Array(rows.length ** 2);
  let at = 0;
  for (const i of rows) for (const j of rows) among[at++] = data[i * n + j];
  return { data: among, rows: rows.length, columns: rows.length };
}

/** Row 0, then `count - 1` different other ones. */
function rowsWithBase(n: number, count: number, rng: Rng): Int32Array {
  const others = rng.permutation(n - 1).subarray(0, count - 1);
  return Int32Array.from({ length: count }, (_, i) => (i === 0 ? 0 : others[i - 1] + 1));
}

/** Linear between order statistics, as numpy.quantile does. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/** @throws UsageError for a space with an inner product in it, which gives no distances */
export function requireMetric(space: Space, who: string): void {
  if (space.kind === 'product') for (const factor of space.factors) requireMetric(factor.space, who);
  if (space.kind !== 'innerProduct') return;
  const remedy = 'use euclidean or cosine on the same vectors';
  throw new UsageError(expectation(who, 'a space of distances', space.kind, remedy));
}
