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

/** p(x-) of every arm at its own temperature, and of the others at the reference's spread of logits. */
export function weightRows({ arms, reference }: NegativesSummary): TableRows {
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
      .map((arm) => line(`${arm.name}, spread of ${arms[reference].name}`, arm.matched)),
  ];
}

export function pairRows({ arms, pairs }: NegativesSummary): TableRows {
  return [
    ['', 'hardest differs', 'top 10 shared', 'Spearman', 'same order'],
    ...pairs.map(({ arms: [a, b], hardestDiffer, overlapAt, spearman, sameOrder }) => [
      `${arms[a].name} / ${arms[b].name}`,
      percentEstimate(hardestDiffer),
      share(at(overlapAt, 10)),
      spearman ? estimate(spearman) : MISSING,
      sameOrder === null ? MISSING : percent(sameOrder),
    ]),
  ];
}

export function falseNegativeRows({ arms }: NegativesSummary): TableRows {
  const marks = [1, 10];
  return [
    [
      '',
      ...marks.map((k) => `top ${k} nearer than any positive`),
      ...marks.map((k) => `top ${k} false, at most`),
      'all, at most',
    ],
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
    [
      'K',
      ...norms.flatMap((norm) => [
        `${title[norm]}: hardest differs from cosine`,
        'Spearman',
        'effective, equal spread',
      ]),
    ],
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

function estimate({ mean, interval: [low, high] }: Estimate): string {
  if (!isDrawable(mean)) return MISSING;
  return isDrawable(low) ? `${number(mean)} [${number(low)}, ${number(high)}]` : number(mean);
}

function percentEstimate({ mean, interval: [low, high] }: Estimate): string {
  if (!isDrawable(mean)) return MISSING;
  const ends = [low, high].map((end) => (100 * end).toFixed(1)).join(', ');
  return isDrawable(low) ? `${percent(mean)} [${ends}]` : percent(mean);
}

function share(found: EstimateAt | undefined): string {
  return found ? percent(found.mean) : MISSING;
}
