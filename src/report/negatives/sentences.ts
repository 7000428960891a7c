import { type OrderVerdict, orderVerdict } from '../../evaluation/negatives/orderVerdict.js';
import type { NegativesSummary, PairSummary } from '../../evaluation/negatives/records.js';
import { counted, number, percent } from '../format.js';
import type { Sweep } from './input.js';

/** Whether two arms have to rank negatives alike, and the numbers that say so. */
export function orderSentence(summary: NegativesSummary, pair: PairSummary): string {
  const [a, b] = pair.arms.map((arm) => summary.arms[arm].name);
  const verdict = orderVerdict(summary, pair);
  const differ = `the hardest negative differs for ${percent(pair.hardestDiffer.mean)} of the anchors`;
  if (verdict === undefined || !pair.spearman) return `${a} and ${b}: ${differ}.`;
  const numbers = `${differ}, Spearman ${pair.spearman.mean.toFixed(4)}`;
  return `${a} and ${b}: ${VERDICTS[verdict]} (${radiusPhrase(summary, pair)}): ${numbers}.`;
}

const VERDICTS: Readonly<Record<OrderVerdict, string>> = {
  forced:
    'the points of each lie at one distance from the origin or are compared by angle, so both distances rise with the angle alone and rank every negative the same, whatever the curvature; only the weights differ',
  otherDirections:
    'both see directions alone, but not the same ones, so what differs is the embedding and not the geometry',
  sameOrder: 'the norms are free, and yet all negatives are in the same order',
  differs: 'the norms are free, so the order may differ, and does',
};

/** The largest spread of radii that each arm's distances can see. */
function radiusPhrase({ arms }: NegativesSummary, pair: PairSummary): string {
  const spreads = pair.arms.map((arm) => {
    const { name, radii } = arms[arm];
    const seen = radii.filter(({ counts }) => counts).map(({ relative }) => relative);
    return seen.length === 0
      ? `${name} sees no norms`
      : `spread of the norms ${percent(Math.max(...seen))} of their mean in ${name}`;
  });
  return spreads.join(', ');
}

/** What of a difference in p(x-) is due to the temperatures. */
export function temperatureSentence({ arms, reference }: NegativesSummary): string {
  if (arms.length < 2) return 'There is one arm, so nothing to compare it with.';
  const of = (at: 'own' | 'matched') =>
    arms.map((arm) => `${arm.name} ${number(arm[at].mass.mean)}`).join(', ');
  const effective = arms.map((arm) => `${arm.name} ${number(arm.matched.effective.mean)}`).join(', ');
  return `At their own temperatures p(x⁻) is ${of('own')}. With the temperatures at which the logits of all arms spread like those of ${arms[reference].name} it is ${of('matched')}, over ${effective} effective negatives: what is left is due to the space and the points, the rest to the temperature.`;
}

export function falseNegativeSentence({ arms }: NegativesSummary): string {
  const parts = arms.map(({ name, falseNegatives: { nearerAt, boundAt } }) => {
    const [nearer, bound] = [nearerAt[0], boundAt[0]];
    return `${name}: the hardest negative is nearer than any positive for ${percent(nearer.mean)} of the anchors; at most ${percent(bound.mean)} of the hardest could be positives without the label`;
  });
  return `${parts.join('. ')}.`;
}

export function sweepSentence({ arm, items, points }: Sweep): string {
  const reached = points.filter((point) => point.againstCosine !== null);
  const differ = (norms: 'kept' | 'unit') =>
    reached.filter((p) => p.norms === norms).map((p) => p.againstCosine!.hardestDiffer.mean);
  const rim = points.filter((point) => point.atRim > 0).length;
  const [kept, unit] = [differ('kept'), differ('unit')];
  const range = (values: readonly number[]) =>
    `${percent(Math.min(...values))} to ${percent(Math.max(...values))}`;
  return [
    `${arm}, ${counted(items, 'item')}.`,
    ...(unit.length > 0
      ? [
          `At length 1 the hardest negative differs from that of cosine for ${range(unit)} of the anchors, whatever the curvature.`,
        ]
      : []),
    ...(kept.length > 0 ? [`With the norms kept it differs for ${range(kept)}.`] : []),
    ...(rim > 0 ? [`${counted(rim, 'curvature')} had no room for the longest vectors.`] : []),
  ].join(' ');
}
