import { requireInteger } from '../core/checks.js';
import { type Matrix32, matrix, row } from '../core/matrix.js';
import type { Rng } from '../core/rng.js';
import { requirePoints } from '../geometry/points.js';
import { neighborBlocks, type SearchControl } from './neighborBlocks.js';

export interface KMeansOptions extends Pick<SearchControl, 'threads' | 'signal'> {
  /** Starts, the best of which is kept. Default 3. */
  readonly restarts?: number;
  /** Most assignments a start makes; it ends before when none changes. Default 100. */
  readonly iterations?: number;
}

export interface KMeans {
  /** [n] the nearest centre of each row. */
  readonly assignments: Int32Array;
  /** [clusters, columns] */
  readonly centers: Matrix32;
  /** Σ of the squared distances of rows to their centres. */
  readonly inertia: number;
}

/**
 * Groups rows by squared Euclidean distance: Lloyd's iteration from k-means++ starts. A centre that loses all its rows
 * moves to the row farthest from its own. With fewer different rows than clusters some clusters stay empty.
 * @param points [n, columns], finite @param clusters 1..n @param rng draws the starts
 * @throws DomainError naming a row that is not finite; UsageError for clusters or options out of range
 * @source Arthur and Vassilvitskii 2007, "k-means++: the advantages of careful seeding"; Lloyd 1982
 */
export async function kMeans(
  points: Matrix32,
  clusters: number,
  rng: Rng,
  { restarts = 3, iterations = 100, ...control }: KMeansOptions = {},
): Promise<KMeans> {
  requirePoints({ kind: 'euclidean', dim: points.columns }, points, 'kMeans');
  requireInteger(clusters, 1, 'kMeans clusters', points.rows);
  requireInteger(restarts, 1, 'kMeans restarts');
  requireInteger(iterations, 1, 'kMeans iterations');
  let best: KMeans | undefined;
  for (let start = 0; start < restarts; start++) {
    const found = await descend(points, plusPlus(points, clusters, rng), iterations, control);
    if (!best || found.inertia < best.inertia) best = found;
  }
  return best as KMeans;
}

async function descend(
  points: Matrix32,
  start: Matrix32,
  iterations: number,
  control: SearchControl,
): Promise<KMeans> {
  let centers = start;
  let assignments = await nearestCenters(points, centers, control);
  for (let round = 1; round < iterations; round++) {
    const moved = meansOf(points, assignments, centers);
    const next = await nearestCenters(points, moved, control);
    const settled = next.every((center, i) => center === assignments[i]);
    centers = moved;
    assignments = next;
    if (settled) break;
  }
  const inertia = assignments.reduce((sum, c, i) => sum + squaredDistance(points, i, centers, c), 0);
  return { assignments, centers, inertia };
}

async function nearestCenters(
  points: Matrix32,
  centers: Matrix32,
  control: SearchControl,
): Promise<Int32Array> {
  const space = { kind: 'euclidean', dim: points.columns } as const;
  const assignments = new Int32Array(points.rows);
  for await (const { from, rows } of neighborBlocks(space, points, centers, 1, false, control)) {
    assignments.set(rows, from);
  }
  return assignments;
}

/** The mean of each cluster, summed in float64. */
function meansOf(points: Matrix32, assignments: Int32Array, before: Matrix32): Matrix32 {
  const { columns } = points;
  const sums = new Float64Array(before.rows * columns);
  const counts = new Int32Array(before.rows);
  for (let i = 0; i < points.rows; i++) {
    const at = assignments[i] * columns;
    counts[assignments[i]]++;
    for (let k = 0; k < columns; k++) sums[at + k] += points.data[i * columns + k];
  }
  const data = Float32Array.from(sums, (sum, at) => sum / counts[Math.floor(at / columns)]);
  const centers = matrix(data, before.rows, columns);
  const empty = Array.from(counts.keys()).filter((c) => counts[c] === 0);
  if (empty.length > 0) {
    const farthest = rowsByDistance(points, assignments, before);
    for (const [place, c] of empty.entries()) data.set(row(points, farthest[place]), c * columns);
  }
  return centers;
}

/** Rows by distance to their centre, the farthest first, ties by smaller row. */
function rowsByDistance(points: Matrix32, assignments: Int32Array, centers: Matrix32): Int32Array {
  const squares = Float64Array.from(assignments, (c, i) => squaredDistance(points, i, centers, c));
  return Int32Array.from(squares.keys()).sort((a, b) => squares[b] - squares[a] || a - b);
}

/** Rows drawn one by one, each with a chance in proportion to its squared distance to those before it. */
function plusPlus(points: Matrix32, clusters: number, rng: Rng): Matrix32 {
  const { rows, columns } = points;
  const data = new Float32Array(clusters * columns);
  const squares = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  let chosen = rng.below(rows);
  for (let c = 0; c < clusters; c++) {
    data.set(row(points, chosen), c * columns);
    let total = 0;
    for (let i = 0; i < rows; i++) {
      squares[i] = Math.min(squares[i], squaredDistance(points, i, points, chosen));
      total += squares[i];
    }
    chosen = total > 0 ? drawn(squares, rng.uniform(0, total)) : rng.below(rows);
  }
  return matrix(data, clusters, columns);
}

/** The first place at which the sum of the weights so far exceeds `target`. */
function drawn(weights: Float64Array, target: number): number {
  let sum = 0;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    sum += weights[i];
    last = i;
    if (sum > target) break;
  }
  return last;
}

function squaredDistance(x: Matrix32, i: number, y: Matrix32, j: number): number {
  const n = x.columns;
  let sum = 0;
  for (let a = i * n, b = j * n; a < (i + 1) * n; a++, b++) sum += (x.data[a] - y.data[b]) ** 2;
  return sum;
}
