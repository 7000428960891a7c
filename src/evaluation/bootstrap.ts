import { requireInteger, requireLength } from '../core/checks.js';
import type { Rng } from '../core/rng.js';

const RESAMPLES = 1000;

export interface ResampleOptions {
  /** Bootstrap samples, >= 1. Default 1000. */
  readonly resamples?: number;
  /**
   * [rows] group of each row, such as the seed that it was measured with: whole groups are drawn anew, with replacement,
   * then as many rows within each as it has. Absent: rows are independent.
   */
  readonly groups?: ArrayLike<number>;
}

/**
 * Means of columns over rows that are drawn anew, with replacement and for all columns alike, so that means of a sample
 * may be compared with each other: [resamples] a column.
 * @param columns each one value a row, all of one length >= 1
 * @throws ShapeError for groups of another length, UsageError for fewer than one sample
 * @source Efron and Tibshirani 1993, "An introduction to the bootstrap", section 13.3; Davison and Hinkley 1997,
 *   "Bootstrap methods and their application", section 3.8, for groups
 */
export function resampledMeans(
  columns: readonly Float64Array[],
  rng: Rng,
  { resamples = RESAMPLES, groups }: ResampleOptions = {},
): Float64Array[] {
  requireInteger(resamples, 1, 'resampledMeans resamples');
  const rows = columns[0].length;
  const members = groups && membersOf(groups, rows);
  const means = columns.map(() => new Float64Array(resamples));
  for (let r = 0; r < resamples; r++) {
    const drawn = members ? drawnByGroup(members, rng) : drawnRows(rows, rng);
    for (const [c, values] of columns.entries()) {
      let sum = 0;
      for (let q = 0; q < drawn.length; q++) sum += values[drawn[q]];
      means[c][r] = sum / drawn.length;
    }
  }
  return means;
}

/**
 * 95 % intervals of means: the middle 95 % of `resampledMeans`. A column of differences gives the interval of a paired
 * difference. Where rows are queries of one gallery, the intervals take the gallery as it is.
 */
export function intervalsOfMeans(
  columns: readonly Float64Array[],
  rng: Rng,
  options: ResampleOptions = {},
): (readonly [low: number, high: number])[] {
  return resampledMeans(columns, rng, options).map(middle95);
}

/** The middle 95 % of values; sorts them. */
export function middle95(values: Float64Array): readonly [low: number, high: number] {
  values.sort();
  const rank = Math.floor(0.025 * values.length);
  return [values[rank], values[values.length - 1 - rank]];
}

function drawnRows(rows: number, rng: Rng): Int32Array {
  return Int32Array.from({ length: rows }, () => rng.below(rows));
}

function drawnByGroup(members: readonly (readonly number[])[], rng: Rng): number[] {
  return members.flatMap(() => {
    const own = members[rng.below(members.length)];
    return own.map(() => own[rng.below(own.length)]);
  });
}

function membersOf(groups: ArrayLike<number>, rows: number): number[][] {
  requireLength(groups.length, rows, 'resampledMeans groups');
  const members = new Map<number, number[]>();
  for (let i = 0; i < rows; i++) {
    const own = members.get(groups[i]);
    if (own) own.push(i);
    else members.set(groups[i], [i]);
  }
  return [...members.values()];
}
