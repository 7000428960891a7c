import type { DistanceBounds } from '../../evaluation/distances/bounds.js';
import type { DistanceReport } from '../../evaluation/distances/distanceReport.js';
import { counted, number, percent } from '../format.js';
import { quantiles } from '../statistics.js';

/** What a report of distances says, in a few sentences for people who have not met its measures. */
export function distanceVerdict(report: DistanceReport, bounds?: DistanceBounds): readonly string[] {
  return [
    neighbours(report),
    ...order(report),
    ...nearAndFar(report),
    worst(report),
    ...(bounds ? possible(bounds) : []),
    ...(report.sampled
      ? [
          `${counted(report.anchors, 'row')} drawn at random were compared with all ${counted(report.n, 'row')}: what is called worst is the worst of these.`,
        ]
      : []),
  ];
}

function neighbours({ knnRecall, lcmc, k, trustworthiness, continuity }: DistanceReport): string {
  const found = `${percent(knnRecall)} of the ${k} nearest inputs are among the ${k} nearest codes (${percent(knnRecall - lcmc)} would be by chance)`;
  const [false_, torn] = [1 - trustworthiness, 1 - continuity];
  const which =
    Math.max(false_, torn) < 1.5 * Math.min(false_, torn)
      ? 'false neighbours and lost ones weigh about the same'
      : false_ > torn
        ? 'points that were far apart have become neighbours, more than neighbours were torn apart'
        : 'neighbours were torn apart, more than far points have become neighbours';
  return `${found}${false_ === 0 && torn === 0 ? '' : `; ${which}`}.`;
}

function order({ shepardSpearman, scaledStress1, scale }: DistanceReport): string[] {
  if (Number.isNaN(shepardSpearman))
    return ['All distances on one side are the same, so that there is no order to keep.'];
  return [
    `The order of distances is kept with a rank correlation of ${number(shepardSpearman)}; multiplied by ${number(scale)}, code distances are off by ${percent(scaledStress1)} (stress).`,
  ];
}

/** Medians of the ratio among the nearest and the farthest tenth of pairs, at the best scale. */
function nearAndFar({ pairs: { input, code }, scale }: DistanceReport): string[] {
  const [low, high] = quantiles(input, [0.1, 0.9]);
  const middle = (keep: (a: number) => boolean) => {
    const ratios: number[] = [];
    for (let i = 0; i < input.length; i++) {
      if (input[i] > 0 && keep(input[i])) ratios.push((scale * code[i]) / input[i]);
    }
    return quantiles(ratios, [0.5])[0];
  };
  const [near, far] = [middle((a) => a <= low), middle((a) => a >= high)];
  if (!(low < high) || !Number.isFinite(near) || !Number.isFinite(far)) return [];
  return [
    `At that scale near pairs are ${changed(near)} and far pairs ${changed(far)} (medians of a tenth each).`,
  ];
}

function changed(ratio: number): string {
  if (Math.abs(ratio - 1) < 0.005) return 'kept';
  return ratio < 1 ? `shrunk by ${percent(1 - ratio, 0)}` : `stretched by ${percent(ratio - 1, 0)}`;
}

function worst({ worstCaseDistortion, expansion, contraction }: DistanceReport): string {
  if (!Number.isFinite(worstCaseDistortion)) {
    const side =
      contraction.factor === Number.POSITIVE_INFINITY
        ? `rows ${contraction.rows.join(' and ')} differ as inputs and have one code`
        : `rows ${expansion.rows.join(' and ')} are the same input with different codes`;
    return `The worst case has no bound: ${side}.`;
  }
  return `The worst pairs are ${number(worstCaseDistortion)} times apart in scale: rows ${expansion.rows.join(' and ')} were stretched most, rows ${contraction.rows.join(' and ')} shrunk most.`;
}

function possible({ dim, rows, reachableStress1, scaledStress1, packing }: DistanceBounds): string[] {
  const where = counted(dim, 'dimension');
  const reached =
    reachableStress1 === undefined
      ? []
      : [
          `On ${counted(rows, 'row')} scaling (MDS) reaches a stress of ${percent(reachableStress1)} in ${where}, where the codes have ${percent(scaledStress1)}.`,
        ];
  if (!packing) return reached;
  return [
    ...reached,
    packing.distortion > 1
      ? `No map into ${where} has a worst case below ${number(packing.distortion)}: ${counted(packing.rows.length, 'row')} lie too close together for that.`
      : `Counting points gives no bound on the worst case in ${where}.`,
  ];
}
