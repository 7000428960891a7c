import {
  type DistanceSource,
  distanceReport,
  type Matrix,
  Rng,
  type Space,
  spaceDistances,
} from '../../src/index.js';

/** Of codes against their inputs; `mse` where there is a decoder: mean over pixels and items. */
export interface Measured {
  readonly spearman: number;
  readonly pearson: number;
  /** With the best factor of the codes, and without. */
  readonly scaledStress: number;
  readonly stress: number;
  readonly trustworthiness: number;
  readonly continuity: number;
  readonly knnRecall: number;
  readonly distortion: number;
  readonly mse?: number;
}

export const euclideanOf = (points: Matrix): Space => ({ kind: 'euclidean', dim: points.columns });

/** 95 % intervals over the items. */
export type Intervals = Readonly<
  Record<'spearman' | 'scaledStress' | 'knnRecall', readonly [number, number]>
>;

/** From here on there are intervals; fewer items are compared quickly and without. */
const MANY = 1000;

/** The report's numbers. Of many items all but one are drawn: the report has intervals for drawn items only. */
export async function measureCodes(
  inputs: DistanceSource,
  codes: Matrix,
  k: number,
  space: Space = euclideanOf(codes),
): Promise<{ readonly measured: Measured; readonly intervals?: Intervals }> {
  const anchors = inputs.rows >= MANY ? inputs.rows - 1 : inputs.rows;
  const options = { k, rng: new Rng(1), anchors, resamples: 200 };
  const report = await distanceReport(inputs, spaceDistances(space, codes), options);
  const measured = {
    spearman: report.shepardSpearman,
    pearson: report.shepardPearson,
    scaledStress: report.scaledStress1,
    stress: report.kruskalStress1,
    trustworthiness: report.trustworthiness,
    continuity: report.continuity,
    knnRecall: report.knnRecall,
    distortion: report.averageDistortion,
  };
  if (!report.intervals) return { measured };
  const { shepardSpearman, scaledStress1, knnRecall } = report.intervals;
  return { measured, intervals: { spearman: shepardSpearman, scaledStress: scaledStress1, knnRecall } };
}

export function meanSquaredError(output: Matrix, input: Matrix): number {
  let sum = 0;
  for (let at = 0; at < input.data.length; at++) sum += (output.data[at] - input.data[at]) ** 2;
  return sum / input.data.length;
}
