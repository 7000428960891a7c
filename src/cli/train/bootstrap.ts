import type { Rng } from '../../core/rng.js';

const RESAMPLES = 1000;

/**
 * 95 % intervals of means over queries: queries are drawn anew, with replacement and for all columns alike, a thousand
 * times, and the middle 95 % of the means are kept. A column of differences gives the interval of a paired difference.
 * Queries share one gallery, which the intervals take as it is.
 * @param columns each one value a query, all of one length >= 1
 * @source Efron and Tibshirani 1993, "An introduction to the bootstrap", section 13.3 (percentile intervals)
 */
export function intervalsOfMeans(
  columns: readonly Float64Array[],
  rng: Rng,
): (readonly [low: number, high: number])[] {
  const queries = columns[0].length;
  const means = columns.map(() => new Float64Array(RESAMPLES));
  const drawn = new Int32Array(queries);
  for (let r = 0; r < RESAMPLES; r++) {
    for (let q = 0; q < queries; q++) drawn[q] = rng.below(queries);
    for (const [c, values] of columns.entries()) {
      let sum = 0;
      for (let q = 0; q < queries; q++) sum += values[drawn[q]];
      means[c][r] = sum / queries;
    }
  }
  const rank = Math.floor(0.025 * RESAMPLES);
  return means.map((values) => {
    values.sort();
    return [values[rank], values[RESAMPLES - 1 - rank]] as const;
  });
}
