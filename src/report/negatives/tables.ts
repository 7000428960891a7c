import type { SweepPoint } from '../../evaluation/negatives/curvatureSweep.js';
import type {
  ArmSummary,
  Estimate,
  EstimateAt,
  NegativesSummary,
  WeightSummary,
} from '../../evaluation/negatives/records.js';
import { isDrawable, MISSING, number, percent } from '../format.js';
import type { TableRows } from '../table.js';

// The same rows for the terminal and the page.

/**
 * p(x-) of every arm at its own temperature, and of the others at the reference's spread of logits.
 * @param intervals whether to show them: a terminal has no room
 */
export function weightRows({ arms, reference }: NegativesSummary, intervals = true): TableRows {
  const estimate = intervals ? withInterval : ({ mean }: Estimate) => number(mean);
  const line = (name: string, { temperature, spread, ...weights }: WeightSummary) => [
    name,
    number(temperature),
    number(spread),
    estimate(weights.mass),
    estimate(weights.largest),
    estimate(weights.effective),
    ...[1, 10].map((k) => share(at(weights.gradientShareAt, k))),
  ];
  return [
    ['', 'temperature', 'spread', 'p(x-)', 'p hardest', 'effective', 'top 1', 'top 10'],
    ...arms.map((arm) => line(arm.name, arm.own)),
    ...arms
      .filter((_, arm) => arm !== reference)
      .map((arm) => line(`${arm.name}, at the spread of ${arms[reference].name}`, arm.matched)),
  ];
}

/** The orders of all negatives are known in blocks alone. */
export function pairRows({ arms, pairs, scope }: NegativesSummary): TableRows {
  const inOrder = scope === 'blocks';
  return [
    ['', 'hardest differs', 'top 10 shared', ...(inOrder ? ['Spearman', 'same order'] : [])],
    ...pairs.map(({ arms: [a, b], hardestDiffer, overlapAt, spearman, sameOrder }) => [
      `${arms[a].name} / ${arms[b].name}`,
      percentEstimate(hardestDiffer),
      share(at(overlapAt, 10)),
      ...(inOrder
        ? [spearman ? rankEstimate(spearman) : MISSING, sameOrder === null ? MISSING : percent(sameOrder)]
        : []),
    ]),
  ];
}

export function falseNegativeRows({ arms }: NegativesSummary): TableRows {
  const marks = [1, 10];
  return [
    ['', ...marks.map((k) => `nearer, top ${k}`), ...marks.map((k) => `false at most, top ${k}`), 'of all'],
    ...arms.map(({ name, falseNegatives: { nearerAt, boundAt, boundOfAll } }: ArmSummary) => [
      name,
      ...marks.map((k) => share(at(nearerAt, k))),
      ...marks.map((k) => share(at(boundAt, k))),
      percentEstimate(boundOfAll),
    ]),
  ];
}

/** One row a curvature, the norms kept and at length 1 beside each other. */
export function sweepRows(points: readonly SweepPoint[]): TableRows {
  const curvatures = [...new Set(points.map(({ curvature }) => curvature))];
  const all = ['kept', 'unit'] as const;
  const norms = all.filter((norm) => points.some((point) => point.norms === norm));
  const title = { kept: 'norms kept', unit: 'norms at 1' };
  return [
    ['K', ...norms.flatMap((norm) => [`differs, ${title[norm]}`, 'Spearman', 'effective'])],
    ...curvatures.map((curvature) => [
      String(curvature),
      ...norms.flatMap((norm) => {
        const point = points.find((p) => p.curvature === curvature && p.norms === norm);
        if (!point?.againstCosine || !point.matched) return [MISSING, MISSING, MISSING];
        const { hardestDiffer, spearman } = point.againstCosine;
        return [
          percent(hardestDiffer.mean),
          spearman ? spearman.mean.toFixed(4) : MISSING,
          number(point.matched.effective.mean),
        ];
      }),
    ]),
  ];
}

function at(estimates: readonly EstimateAt[], k: number): EstimateAt | undefined {
  return estimates.find((estimate) => estimate.k === k);
}

function withInterval({ mean, interval: [low, high] }: Estimate): string {
  if (!isDrawable(mean)) return MISSING;
  const end = (value: number) => String(Number(value.toPrecision(2)));
  return isDrawable(low) ? `${number(mean)} [${end(low)}, ${end(high)}]` : number(mean);
}

/** Four decimals: ranks that all but agree are told from those that do. */
function rankEstimate({ mean, interval: [low, high] }: Estimate): string {
  if (!isDrawable(mean)) return MISSING;
  const ends = [low, high].map((end) => end.toFixed(3)).join(', ');
  return isDrawable(low) ? `${mean.toFixed(4)} [${ends}]` : mean.toFixed(4);
}

function percentEstimate({ mean, interval: [low, high] }: Estimate): string {
  if (!isDrawable(mean)) return MISSING;
  const ends = [low, high].map((end) => (100 * end).toFixed(1)).join(', ');
  return isDrawable(low) ? `${percent(mean)} [${ends}]` : percent(mean);
}

function share(found: EstimateAt | undefined): string {
  return found ? percent(found.mean) : MISSING;
}
