import type { NativeBinding } from '../binding.js';
import { threadCount } from '../control.js';

/** Grades of a distance: places in a provisional order of all distances. */
export const GRADES = 2 ** 16;

/**
 * What is counted of each anchor over all other rows, a its distance as input, b as code, u and v their grades:
 * Σ a - a0, Σ b - b0, Σ a², Σ b², Σ (a - a0)², Σ (b - b0)², Σ (a - a0)(b - b0), Σ (a - b)², Σ (a - s b)²,
 * Σ (a - s b) b, Σ (a - b)²/a, Σ |b/a - 1|, the largest and smallest b/a; over its k neighbours on one side, of their
 * ranks on the other: how far beyond k, how far off relative to the own rank, how many shared; and the number of pairs
 * with grades, Σ u, Σ v, Σ u², Σ v², Σ u v. a0, b0 and s only keep digits: see RowQualityCall.
 */
export const ROW_COLUMNS = [
  ...['input', 'code', 'inputSquares', 'codeSquares', 'inputVariance', 'codeVariance', 'covariance'],
  ...['raw', 'residual', 'residualCode', 'sammon', 'relative', 'most', 'least'],
  ...['intruders', 'absentees', 'falseErrors', 'missingErrors', 'shared'],
  ...['pairs', 'inputGrades', 'codeGrades', 'inputGradeSquares', 'codeGradeSquares', 'gradeProducts'],
] as const;

/** From distance to grade, rising and linear between evenly spaced knots: the first at `low`, `perUnit` of them a unit. */
export interface GradeMap {
  readonly low: number;
  readonly perUnit: number;
  /** Grades at the knots, 0..GRADES, at least two. */
  readonly knots: Float64Array;
}

export interface RowQualityCall {
  /** Distances from the anchors to all rows, [anchors * rows]; the anchor's own is not read. */
  readonly inputs: Float64Array;
  readonly codes: Float64Array;
  readonly anchors: Int32Array;
  readonly k: number;
  /** s: a factor of code distances near the best one. */
  readonly scale: number;
  /** a0, b0: near the mean distances. */
  readonly inputShift: number;
  readonly codeShift: number;
  readonly inputGrades: GradeMap;
  readonly codeGrades: GradeMap;
  /** Grades of the pairs with a later row alone: every pair once, where all rows are anchors. */
  readonly upper: boolean;
  /** Added to: pairs of each grade of inputs, Σ of their grades as codes, and the other way round; [4 * GRADES]. */
  readonly grades: Float64Array;
  readonly threads?: number | undefined;
}

export interface RowQuality {
  /** [anchors, ROW_COLUMNS.length]; NaN first where a distance is not a finite number >= 0. */
  readonly columns: Float64Array;
  /** [anchors, 2]: the rows of the largest and the smallest b/a. */
  readonly places: Int32Array;
}

/** The same numbers on any number of threads. */
export type NativeRowQuality = (call: RowQualityCall) => Promise<RowQuality>;

export function nativeRowQuality(binding: NativeBinding): NativeRowQuality {
  return async (call) => {
    const columns = new Float64Array(call.anchors.length * ROW_COLUMNS.length);
    const places = new Int32Array(call.anchors.length * 2);
    await binding.rowQuality(
      call.inputs,
      call.codes,
      call.anchors,
      call.k,
      Float64Array.of(call.scale, call.inputShift, call.codeShift),
      flat(call.inputGrades),
      flat(call.codeGrades),
      call.upper,
      threadCount(call.threads),
      columns,
      places,
      call.grades,
    );
    return { columns, places };
  };
}

function flat({ low, perUnit, knots }: GradeMap): Float64Array {
  return Float64Array.of(low, perUnit, ...knots);
}
