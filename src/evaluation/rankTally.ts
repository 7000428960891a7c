import { DomainError, expectation } from '../core/errors.js';
import type { RankReport, RankScores } from '../core/records.js';
import { largestRelevant, type RankLabels } from './rankLabels.js';

/** Columns of a class's sums; those of recall at k follow. */
const FIRST = 0;
const RECIPROCAL = 1;
const AVERAGE_PRECISION = 2;
const AVERAGE_PRECISION_AT_R = 3;
const R_PRECISION = 4;
const RECALL = 5;

/** Sums of the scores of rankings, class by class; the rankings themselves are not kept. */
export class RankTally {
  private readonly width: number;
  /** [classes, width] */
  private readonly sums: Float64Array;
  /** [classes] */
  private readonly queries: Int32Array;
  /** Whether every ranking has as many ranks as its query's R. */
  private readonly reachesR: boolean;
  private leftOut = 0;

  /** @param depth ranks of every ranking @param recallAt the k of recall at k, each >= 1 */
  constructor(
    private readonly labels: RankLabels,
    private readonly depth: number,
    private readonly recallAt: readonly number[],
  ) {
    this.width = RECALL + recallAt.length;
    this.reachesR = largestRelevant(labels) <= depth;
    this.sums = new Float64Array(labels.values.length * this.width);
    this.queries = new Int32Array(labels.values.length);
  }

  /**
   * Takes the rankings of the queries from .. to - 1.
   * @param rows [(to - from) * depth] references, nearest first, the query itself left out, -1 for none
   */
  add(from: number, to: number, rows: Int32Array): void {
    for (let query = from; query < to; query++) {
      const code = this.labels.queries[query];
      if (code < 0 || this.labels.relevant[code] === 0) this.leftOut++;
      else this.addOne(code, rows, (query - from) * this.depth);
    }
  }

  /** Whether no query had anything to find, so that there is nothing to report. */
  get isEmpty(): boolean {
    return this.queries.every((count) => count === 0);
  }

  private addOne(code: number, rows: Int32Array, start: number): void {
    const { sums, depth, recallAt } = this;
    const { references } = this.labels;
    const R = this.labels.relevant[code];
    let hits = 0;
    let hitsAtR = 0;
    let precisions = 0;
    let precisionsAtR = 0;
    let first = Number.POSITIVE_INFINITY;
    for (let rank = 1; rank <= depth && hits < R; rank++) {
      const reference = rows[start + rank - 1];
      if (reference < 0 || references[reference] !== code) continue;
      hits++;
      precisions += hits / rank;
      if (hits === 1) first = rank;
      if (rank > R) continue;
      hitsAtR = hits;
      precisionsAtR = precisions;
    }
    const at = code * this.width;
    this.queries[code]++;
    if (first === 1) sums[at + FIRST]++;
    sums[at + RECIPROCAL] += 1 / first;
    sums[at + AVERAGE_PRECISION] += precisions / R;
    sums[at + AVERAGE_PRECISION_AT_R] += precisionsAtR / R;
    sums[at + R_PRECISION] += hitsAtR / R;
    for (let j = 0; j < recallAt.length; j++) if (first <= recallAt[j]) sums[at + RECALL + j]++;
  }

  /**
   * @param average `queries`: every query counts alike; `classes`: the mean over classes of their means
   * @throws DomainError if no query has anything to find
   */
  report(who: string, average: 'queries' | 'classes', perClass: boolean): RankReport {
    const { width, queries, leftOut, depth } = this;
    const codes = Array.from(queries.keys()).filter((code) => queries[code] > 0);
    if (codes.length === 0) {
      const remedy = 'retrieval needs a class with two items, or references with the labels of queries';
      throw new DomainError(expectation(`${who} labels`, 'a query with something to find', 'none', remedy));
    }
    const meansOf = (code: number) =>
      this.sums.slice(code * width, (code + 1) * width).map((sum) => sum / queries[code]);
    const total = new Float64Array(width);
    let weights = 0;
    for (const code of codes) {
      const weight = average === 'queries' ? queries[code] : 1;
      weights += weight;
      // Sums rather than means times sizes, so that perfect scores come out as 1.
      const part = average === 'queries' ? this.sums.subarray(code * width) : meansOf(code);
      for (let c = 0; c < width; c++) total[c] += part[c];
    }
    return {
      ...this.scores(total.map((sum) => sum / weights)),
      depth,
      queries: queries.reduce((sum, count) => sum + count, 0),
      leftOut,
      ...(perClass && {
        classes: codes.map((code) => ({
          label: this.labels.values[code],
          queries: queries[code],
          ...this.scores(meansOf(code)),
        })),
      }),
    };
  }

  private scores(means: Float64Array): RankScores {
    return {
      precisionAt1: means[FIRST],
      recallAt: Object.fromEntries(this.recallAt.map((k, j) => [k, means[RECALL + j]])),
      meanReciprocalRank: means[RECIPROCAL],
      meanAveragePrecision: means[AVERAGE_PRECISION],
      ...(this.reachesR && { mapAtR: means[AVERAGE_PRECISION_AT_R], rPrecision: means[R_PRECISION] }),
    };
  }
}
