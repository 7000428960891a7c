import { requireInteger, requireLength } from '../core/checks.js';
import { DomainError, expectation, ShapeError } from '../core/errors.js';
import type { Rng } from '../core/rng.js';

export type Interval = readonly [low: number, high: number];

export interface BootstrapOptions {
  /** The cluster of each observation, for instance its class: a cluster is drawn whole. Default: each its own. */
  readonly clusters?: ArrayLike<number> | undefined;
  /** Observations are drawn anew within each cluster that was drawn, too. Default false. */
  readonly within?: boolean;
  /** Samples drawn, >= 1. Default 1000. */
  readonly resamples?: number;
  /** Share of them that an interval holds, between 0 and 1. Default 0.95. */
  readonly confidence?: number;
}

/** Σ over / Σ by, one value of each an observation; where either is NaN both are left out. */
export interface RatioOfSums {
  readonly over: ArrayLike<number>;
  readonly by: ArrayLike<number>;
}

/**
 * Intervals of means over observations: percentiles over samples drawn with replacement, the same draws for all columns,
 * so that a column of differences gives the interval of a paired difference. Observations of one cluster are drawn
 * together: right where they resemble each other, as queries of one class do; with fewer than some twenty clusters
 * the intervals are too narrow. NaN: no observation.
 * @param columns each one value an observation
 * @returns one interval a column, [NaN, NaN] where a sample may find no observation
 * @throws ShapeError for columns of other lengths or no observation; UsageError for resamples, DomainError for confidence
 * @source Efron and Tibshirani 1993, "An introduction to the bootstrap", section 13.3 (percentiles); Davison and Hinkley
 *   1997, "Bootstrap methods and their application", section 3.8 (clusters)
 */
export function bootstrapMeans(
  columns: readonly ArrayLike<number>[],
  rng: Rng,
  options: BootstrapOptions = {},
): Interval[] {
  const ones = new Uint8Array(columns[0]?.length ?? 0).fill(1);
  return bootstrapRatios(
    columns.map((over) => ({ over, by: ones })),
    rng,
    options,
  );
}

/** As bootstrapMeans, of ratios of sums. @throws as bootstrapMeans */
export function bootstrapRatios(
  columns: readonly RatioOfSums[],
  rng: Rng,
  options: BootstrapOptions = {},
): Interval[] {
  const { confidence = 0.95 } = options;
  requireShare(confidence, 'bootstrap confidence');
  return bootstrapSamples(columns, rng, options).map((values) => percentileInterval(values, confidence));
}

/**
 * The ratios of sums in each sample: what bootstrapRatios takes percentiles of, for intervals of anything that is made of
 * several columns. @returns [resamples] a column, the same draws in all @throws as bootstrapMeans
 */
export function bootstrapSamples(
  columns: readonly RatioOfSums[],
  rng: Rng,
  { clusters, within = false, resamples = 1000 }: Omit<BootstrapOptions, 'confidence'> = {},
): Float64Array[] {
  requireInteger(resamples, 1, 'bootstrap resamples');
  if (columns.length === 0) return [];
  const n = columns[0].over.length;
  if (n === 0)
    throw new ShapeError(expectation('bootstrap', 'at least one observation', 0, 'pass some values'));
  if (clusters) requireLength(clusters.length, n, 'bootstrap clusters');
  const members = within && clusters ? membersOf(clusters) : undefined;
  const places = placesOf(members ? undefined : clusters, n);
  const width = 2 * columns.length;
  const sums = clusterSums(columns, places.of, places.count);
  const values = columns.map(() => new Float64Array(resamples));
  const total = new Float64Array(width);
  for (let r = 0; r < resamples; r++) {
    total.fill(0);
    for (const place of members ? drawnTwice(members, rng) : drawn(places.count, rng)) {
      for (let c = 0; c < width; c++) total[c] += sums[place * width + c];
    }
    for (let c = 0; c < columns.length; c++) values[c][r] = total[2 * c] / total[2 * c + 1];
  }
  return values;
}

/** The middle share `confidence` of the values, which are sorted in place; [NaN, NaN] if one of them is NaN. */
export function percentileInterval(values: Float64Array, confidence: number): Interval {
  values.sort();
  if (Number.isNaN(values[values.length - 1])) return [Number.NaN, Number.NaN];
  return [percentileOf(values, (1 - confidence) / 2), percentileOf(values, (1 + confidence) / 2)];
}

/** The value at the nearest rank, share 0 the first, 1 the last. @param sorted ascending, at least one value */
export function percentileOf(sorted: Float64Array, share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))];
}

/** @throws DomainError unless 0 < value < 1 */
export function requireShare(value: number, who: string): void {
  if (value > 0 && value < 1) return;
  throw new DomainError(expectation(who, 'a share between 0 and 1', value, 'check this argument'));
}

function drawn(count: number, rng: Rng): Int32Array {
  return Int32Array.from({ length: count }, () => rng.below(count));
}

/** As many clusters as there are, then as many observations of each as it has. */
function drawnTwice(members: readonly (readonly number[])[], rng: Rng): number[] {
  return members.flatMap(() => {
    const own = members[rng.below(members.length)];
    return own.map(() => own[rng.below(own.length)]);
  });
}

/** Observations of each cluster. */
function membersOf(clusters: ArrayLike<number>): number[][] {
  const members = new Map<number, number[]>();
  Array.from(clusters).forEach((cluster, i) => {
    const own = members.get(cluster);
    if (own) own.push(i);
    else members.set(cluster, [i]);
  });
  return [...members.values()];
}

function placesOf(clusters: ArrayLike<number> | undefined, n: number): { of: Int32Array; count: number } {
  if (!clusters) return { of: Int32Array.from({ length: n }, (_, i) => i), count: n };
  const numbers = new Map<number, number>();
  const of = Int32Array.from(clusters, (cluster) => {
    const known = numbers.get(cluster) ?? numbers.size;
    numbers.set(cluster, known);
    return known;
  });
  return { of, count: numbers.size };
}

/** [clusters, 2 * columns]: Σ over and Σ by of each column, side by side. */
function clusterSums(columns: readonly RatioOfSums[], clusterOf: Int32Array, count: number): Float64Array {
  const width = 2 * columns.length;
  const sums = new Float64Array(count * width);
  for (const [c, { over, by }] of columns.entries()) {
    requireLength(over.length, clusterOf.length, 'bootstrap column');
    requireLength(by.length, clusterOf.length, 'bootstrap column');
    for (let i = 0; i < clusterOf.length; i++) {
      if (Number.isNaN(over[i]) || Number.isNaN(by[i])) continue;
      sums[clusterOf[i] * width + 2 * c] += over[i];
      sums[clusterOf[i] * width + 2 * c + 1] += by[i];
    }
  }
  return sums;
}
