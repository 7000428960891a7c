import { ROW_COLUMNS } from '../../native/index.js';
import type { RowSums } from './rowQuality.js';

/** How codes keep the distances a of inputs as b, and the neighbours. Formulas and sources: docs/distances.md. */
export interface DistanceMeasures {
  /** 0..1, 1 best: low when code neighbours were far apart as inputs. */
  readonly trustworthiness: number;
  /** 0..1, 1 best: low when input neighbours were torn apart. */
  readonly continuity: number;
  /** Mean share of the k input neighbours among the k code neighbours, 0..1. */
  readonly knnRecall: number;
  /** knnRecall beyond that of codes at random, k / (n - 1). */
  readonly lcmc: number;
  /** Mean relative rank error of code neighbours, 0 best, 1 at worst. */
  readonly mrreFalse: number;
  /** The same of input neighbours. */
  readonly mrreMissing: number;
  /** √(Σ (a - b)² / Σ a²). */
  readonly kruskalStress1: number;
  /** The same with b times its best factor, 0..1. */
  readonly scaledStress1: number;
  /** Σ (a - b)² over pairs. */
  readonly rawStress: number;
  /** Σ (a - b)² / a, divided by Σ a. */
  readonly sammon: number;
  /** Rank correlation of b with a, -1..1; NaN if one side is constant to rounding. */
  readonly shepardSpearman: number;
  /** Linear correlation. */
  readonly shepardPearson: number;
  /** Mean of |b - a| / a. */
  readonly averageDistortion: number;
  /** The factor of b that makes scaledStress1 of kruskalStress1: 1.5 says that codes are a third too near. */
  readonly scale: number;
}

export interface MeasuredSet {
  readonly n: number;
  readonly k: number;
  /** As the sums were made with: RowQualityCall. */
  readonly centre: { readonly scale: number; readonly inputShift: number; readonly codeShift: number };
}

/** Deviations below this share of the mean are rounding. */
const ROUNDING = 1e-12;

/**
 * What sums over anchors say of all of them.
 * @param means the mean over anchors of each column of rowQuality; `most` and `least` are not read
 * @param spearman of all pairs where it is known better than from the grades in `means`
 */
export function measuresOf(
  means: RowSums,
  { n, k, centre }: MeasuredSet,
  spearman?: number,
): DistanceMeasures {
  const others = n - 1;
  const share = (sum: number) => sum / others;
  const factor = means.codeSquares > 0 ? means.residualCode / means.codeSquares : 0;
  // Not below 0 but by rounding: the least of Σ (a - s b)² over s.
  const residual = Math.max(0, means.residual - factor * means.residualCode);
  const rank = correlation(
    share(means.input),
    share(means.code),
    share(means.inputVariance),
    share(means.codeVariance),
    share(means.covariance),
    [centre.inputShift, centre.codeShift],
  );
  const worst = 2 / (k * (2 * n - 3 * k - 1));
  const relative = relativeErrors(n, k);
  const knnRecall = means.shared / k;
  return {
    trustworthiness: 1 - worst * means.intruders,
    continuity: 1 - worst * means.absentees,
    knnRecall,
    lcmc: knnRecall - k / others,
    mrreFalse: means.falseErrors / relative,
    mrreMissing: means.missingErrors / relative,
    kruskalStress1: Math.sqrt(means.raw / means.inputSquares),
    scaledStress1: Math.sqrt(residual / means.inputSquares),
    rawStress: (means.raw * n) / 2,
    sammon: means.sammon / (means.input + others * centre.inputShift),
    shepardSpearman: Number.isNaN(rank) ? Number.NaN : (spearman ?? gradeCorrelation(means)),
    shepardPearson: rank,
    averageDistortion: share(means.relative),
    scale: centre.scale + factor,
  };
}

/** Pearson's correlation of the grades: near Spearman's of the distances. */
export function gradeCorrelation(means: RowSums): number {
  const share = (sum: number) => sum / means.pairs;
  return correlation(
    share(means.inputGrades),
    share(means.codeGrades),
    share(means.inputGradeSquares),
    share(means.codeGradeSquares),
    share(means.gradeProducts),
    [0, 0],
  );
}

/** From means about a shift; NaN where one side does not vary by more than rounding. */
function correlation(
  x: number,
  y: number,
  xx: number,
  yy: number,
  xy: number,
  shifts: readonly [number, number],
): number {
  const [varianceX, varianceY] = [xx - x * x, yy - y * y];
  const constant = (variance: number, mean: number) => !(variance > (ROUNDING * mean) ** 2);
  if (constant(varianceX, x + shifts[0]) || constant(varianceY, y + shifts[1])) return Number.NaN;
  return (xy - x * y) / Math.sqrt(varianceX * varianceY);
}

/** Σ over ranks 1..k of the largest |other rank - rank| / rank. @source Lee and Verleysen 2009, section 3 */
function relativeErrors(n: number, k: number): number {
  let sum = 0;
  for (let rank = 1; rank <= k; rank++) sum += Math.abs(n - 2 * rank) / rank;
  return sum;
}

/** Means over anchors of each column, of all of them or of some as often as they were drawn. */
export function meansOf(columns: Float64Array, anchors: number): RowSums {
  const width = ROW_COLUMNS.length;
  const sums = new Float64Array(width);
  for (let i = 0; i < anchors * width; i++) sums[i % width] += columns[i];
  return Object.fromEntries(ROW_COLUMNS.map((name, c) => [name, sums[c] / anchors])) as RowSums;
}
