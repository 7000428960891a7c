import type { NegativeStatistics, NegativesSummary } from '../../evaluation/negatives/records.js';
import { count, percent } from '../format.js';
import { beside, type Section } from '../page.js';
import { join } from '../svg.js';
import { htmlTable } from '../table.js';
import { armLegend } from './arms.js';
import { type RankCurve, rankFigure } from './curves.js';
import { galleryFigure } from './gallery.js';
import type { NegativesReportInput } from './input.js';
import { falseNegativeSentence } from './sentences.js';
import { falseNegativeRows, pairRows, weightRows } from './tables.js';
import { namesOf } from './weightSections.js';

export function falseNegativesSection(summary: NegativesSummary): Section {
  const curves = (at: 'nearerAt' | 'boundAt'): RankCurve[] =>
    summary.arms.map(({ name, falseNegatives: found }, look) => {
      const values = Array.from({ length: summary.depth }, () => Number.NaN);
      for (const { k, mean } of found[at]) values[k - 1] = mean;
      return { name, look, values, marks: found[at] };
    });
  const figure = (at: 'nearerAt' | 'boundAt', up: string, title: string) =>
    rankFigure(curves(at), {
      id: `false-${at}`,
      title,
      across: 'k, number of hardest negatives',
      up,
      scale: 'part',
    });
  const [{ falseNegatives: first }] = summary.arms;
  return {
    id: 'false-negatives',
    title: 'Negatives that look like positives',
    body: join([
      armLegend(namesOf(summary)),
      beside(
        {
          name: 'Nearer than any positive',
          figure: figure('nearerAt', 'share of the k hardest', 'Negatives nearer than any positive'),
        },
        {
          name: 'False negatives, at most',
          figure: figure('boundAt', 'share of the k hardest', 'Upper bound of false negatives'),
        },
      ),
    ]),
    caption: {
      reading: `Left: how many of the k hardest negatives are nearer to the anchor than its nearest positive. Right: an upper bound of how many could be positives that lack the label. A negative counts if it is within the distance that holds the nearest ${percent(first.quantile, 0)} of the anchor’s positives; one more positive would be there with a known chance, here ${percent(first.expected)}, so the share that is there over that chance bounds the share of unlabelled positives (Blanchard, Lee, Scott 2010). Distances cannot tell a hard negative from a false one: the bound is no estimate.`,
      finding: falseNegativeSentence(summary),
    },
    after: htmlTable(falseNegativeRows(summary), {
      caption: 'Hardest negatives against positives, in blocks',
    }),
  };
}

export function gallerySection(input: NegativesReportInput): Section {
  const { gallery: anchors, blocks, whole } = input;
  const { arms } = blocks.summary;
  const two = anchors[0] ? anchors[0].arms.map(({ arm }) => arms[arm].name) : [];
  const where = whole ? 'among all items' : 'in the anchor’s block';
  const least = anchors[0]?.overlap;
  const same = two.length > 1 && least === 1;
  const finding = same
    ? `${two.join(' and ')} agree on the ten hardest negatives of every anchor; these are the anchors with most p(x⁻).`
    : two.length > 1
      ? `${two.join(' and ')} share ${percent(least, 0)} of the ten hardest negatives of the first anchor.`
      : 'The anchors with most p(x⁻).';
  return {
    id: 'gallery',
    title: two.length > 1 ? 'Where they differ most' : 'The hardest anchors',
    body: galleryFigure(input),
    caption: {
      reading: `Each card is an anchor. For both arms: its nearest positives and its hardest negatives ${where}, nearest first; hold the pointer over one for its distance and probability.`,
      finding,
    },
  };
}

export function wholeSetSection({ summary }: NegativeStatistics): Section {
  const pairs =
    summary.pairs.length > 0
      ? [htmlTable(pairRows(summary), { caption: 'Agreement over the whole set' })]
      : [];
  return {
    id: 'whole',
    title: 'Among all items',
    body: htmlTable(weightRows(summary), { caption: `p(x⁻) among all ${count(summary.items)} items` }),
    caption: {
      reading:
        'The same numbers where every anchor meets all items of other classes, as in a search. p(x⁻) grows with the number of negatives and is not that of a training; the hardest negatives, and what is said of false ones, are.',
      finding: falseNegativeSentence(summary),
    },
    after: join([
      ...pairs,
      htmlTable(falseNegativeRows(summary), {
        caption: 'Hardest negatives against positives, among all items',
      }),
    ]),
  };
}
