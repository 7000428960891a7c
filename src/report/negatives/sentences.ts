import { type OrderVerdict, orderVerdict } from '../../evaluation/negatives/orderVerdict.js';
import type { NegativesSummary, PairSummary } from '../../evaluation/negatives/records.js';
import { counted, number, percent } from '../format.js';
import type { Sweep } from './input.js';

/** Whether two arms have to rank negatives alike, and the numbers that say so. */
export function orderSentence(summary: NegativesSummary, pair: PairSummary): string {
  const [a, b] = pair.arms.map((arm) => summary.arms[arm].name);
  const verdict = orderVerdict(summary, pair);
  const numbers = `${a} and ${b}: the hardest negative differs for ${percent(pair.hardestDiffer.mean)} of the anchors`;
  if (verdict === undefined || !pair.spearman) return `${numbers}.`;
  const rank = `Spearman of all negatives ${pair.spearman.mean.toFixed(4)}`;
  return `${numbers}, ${rank}. ${VERDICTS[verdict]} (${radiusPhrase(summary, pair)}).`;
}

const VERDICTS: Readonly<Record<OrderVerdict, string>> = {
  forced:
    'It has to be so: the points of each lie at one distance from the origin or are compared by angle, so both distances rise with the angle alone and rank every negative the same, whatever the curvature; only the weights differ',
  otherDirections:
    'Both see directions alone, and not the same ones: what differs is the embedding, not the geometry',
  sameOrder: 'The norms are free, and yet all negatives are in the same order',
  differs: 'The norms are free, or the directions others, so the order may differ',
};

/** The largest spread of radii that each arm's distances can see. */
function radiusPhrase({ arms }: NegativesSummary, pair: PairSummary): string {
  const spreads = pair.arms.map((arm) => {
    const { name, radii } = arms[arm];
    const seen = radii.filter(({ counts }) => counts).map(({ relative }) => relative);
    return seen.length === 0
      ? `${name} sees no norms`
      : `${name}: they spread by ${percent(Math.max(...seen))} of their mean`;
  });
  return spreads.join('; ');
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
  const range = (values: readonly number[]) => {
    const [low, high] = [percent(Math.min(...values)), percent(Math.max(...values))];
    return low === high ? low : `${low} to ${high}`;
  };
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
