import type { NegativeStatistics, NegativesSummary } from '../../evaluation/negatives/records.js';
import { counted } from '../format.js';
import { beside, type Section } from '../page.js';
import { join, type Markup } from '../svg.js';
import { htmlTable } from '../table.js';
import { armLegend } from './arms.js';
import { type RankCurve, rankFigure } from './curves.js';
import { ridgeFigure } from './ridges.js';
import { temperatureSentence } from './sentences.js';
import { weightRows } from './tables.js';

export function namesOf({ arms }: NegativesSummary): string[] {
  return arms.map(({ name }) => name);
}

const TEMPERATURES = [
  ['own', 'own temperatures'],
  ['matched', 'equal spread of the logits'],
] as const;

/** One figure at the arms' own temperatures, and a second where there are others to compare. */
function atBoth(summary: NegativesSummary, what: string, figure: (at: 'own' | 'matched') => Markup): Markup {
  const shown = TEMPERATURES.slice(0, summary.arms.length > 1 ? 2 : 1);
  return beside(...shown.map(([at, name]) => ({ name: `${what}, ${name}`, figure: figure(at) })));
}

export function weightsSection({ summary, anchors }: NegativeStatistics): Section {
  const ridges = (at: 'own' | 'matched') =>
    summary.arms.map(({ name }, arm) => ({ name, values: anchors.arms[arm][at].mass }));
  return {
    id: 'weights',
    title: 'How much the negatives weigh',
    body: atBoth(summary, 'p(x⁻)', (at) =>
      ridgeFigure(ridges(at), {
        id: `mass-${at}`,
        title: `p(x-) over anchors, ${at === 'own' ? 'own temperatures' : 'equal spread'}`,
        quantity: 'p(x⁻), weight of all negatives',
      }),
    ),
    caption: {
      reading:
        'The loss turns distances from an anchor into probabilities. p(x⁻) is what goes to its negatives: 0 means the anchor is settled, 1 that its own class is drowned out. It is also the size of the anchor’s gradient. Since a temperature changes it more than a space does, the second figure gives every arm the temperature at which its logits, minus distance over temperature, spread as those of the first arm.',
      finding: temperatureSentence(summary),
    },
    after: htmlTable(weightRows(summary), {
      caption: `p(x⁻) in blocks of ${summary.blockSize}, means over anchors with 95% intervals over classes`,
    }),
  };
}

export function byRankSection(summary: NegativesSummary): Section {
  const curves = (at: 'own' | 'matched'): RankCurve[] =>
    summary.arms.map((arm, look) => {
      const { mean, quantiles } = arm[at].pByRank;
      const quantile = (share: number) => quantiles.find((q) => q.share === share)!.p;
      return { name: arm.name, look, values: mean, band: { low: quantile(0.25), high: quantile(0.75) } };
    });
  const shares = (at: 'own' | 'matched'): RankCurve[] =>
    summary.arms.map((arm, look) => ({
      name: arm.name,
      look,
      values: arm[at].gradientShare,
      marks: arm[at].gradientShareAt,
    }));
  const half = summary.arms.map(({ name, own }) => {
    const k = own.gradientShare.findIndex((share) => share >= 0.5) + 1;
    return `${name}: half of it lies on ${k === 0 ? `more than ${summary.depth} negatives` : counted(k, 'negative')}`;
  });
  return {
    id: 'ranks',
    title: 'From the hardest to the easy ones',
    body: join([
      armLegend(namesOf(summary)),
      atBoth(summary, 'p by rank', (at) =>
        rankFigure(curves(at), {
          beside: curves(at === 'own' ? 'matched' : 'own'),
          id: `rank-${at}`,
          title: `p by rank, ${at === 'own' ? 'own temperatures' : 'equal spread'}`,
          across: 'rank of the negative, hardest first',
          up: 'p of the negative',
          scale: 'logarithm',
        }),
      ),
      atBoth(summary, 'Share of the gradient', (at) =>
        rankFigure(shares(at), {
          id: `share-${at}`,
          title: `Share of the gradient, ${at === 'own' ? 'own temperatures' : 'equal spread'}`,
          across: 'k, number of hardest negatives',
          up: 'their share of the negatives’ gradient',
          scale: 'share',
        }),
      ),
    ]),
    caption: {
      reading:
        'Above: the probability of the hardest negative, the second hardest, and so on, the mean over anchors; half of the anchors lie in the band, below the mean where a few anchors have most of the weight. Below: the share that the k hardest have in the gradient of all negatives. A steep curve learns from a few, a flat one from many.',
      finding: `At the arms’ own temperatures, ${half.join('; ')}.`,
    },
  };
}
