import type {
  ArmSummary,
  NegativeStatistics,
  NegativesSummary,
  PairSummary,
} from '../../evaluation/negatives/records.js';
import { count, counted, number, percent } from '../format.js';
import { beside, renderPage, type Section } from '../page.js';
import { element, join, type Markup, text } from '../svg.js';
import { htmlTable } from '../table.js';
import { agreementFigure } from './agreement.js';
import { armLegend } from './arms.js';
import { type RankCurve, rankFigure } from './curves.js';
import { galleryFigure } from './gallery.js';
import type { NegativesReportInput } from './input.js';
import { ridgeFigure } from './ridges.js';
import { falseNegativeSentence, orderSentence, sweepSentence, temperatureSentence } from './sentences.js';
import { falseNegativeRows, pairRows, sweepRows, weightRows } from './tables.js';

/**
 * The page about the hard negatives of any number of arms as one HTML file: no network, no scripts; the same input gives
 * the same bytes. Missing values are shown as missing; all text is escaped.
 */
export function renderNegatives(input: NegativesReportInput): string {
  const { blocks, whole } = input;
  return renderPage({
    title: input.title,
    lead: leadOf(input),
    head: tiles(blocks.summary),
    sections: [
      weights(blocks),
      byRank(blocks.summary),
      ...(blocks.summary.arms.length > 1 ? [agreement(blocks.summary)] : []),
      ...(input.sweep ? [curvature(input.sweep)] : []),
      falseNegatives(blocks.summary),
      gallery(input),
      ...(whole ? [wholeSet(whole)] : []),
    ],
    foot: join([element('h2', {}, text('How this was made')), origin(input)]),
  });
}

function leadOf({ data, blocks: { summary } }: NegativesReportInput): string {
  const { arms, anchors, blockSize, negatives } = summary;
  const who = arms.length === 1 ? 'One way' : `${arms.length} ways`;
  return `${data}. ${who} to measure how near they are, ${count(anchors)} anchors, each among about ${count(negatives)} items of other classes, its negatives, in blocks of ${blockSize} that stand for training batches. Which negatives are hard, and how much of the gradient do they get?`;
}

function tiles({ arms, pairs }: NegativesSummary): Markup {
  const of = (arm: ArmSummary) => ({
    name: `p(x⁻), ${arm.name}`,
    value: number(arm.own.mass.mean),
    note: `at temperature ${number(arm.own.temperature)}; over ${number(arm.own.effective.mean)} effective negatives`,
  });
  const differ = pairs.slice(0, 1).map((pair) => ({
    name: 'Hardest negative differs',
    value: percent(pair.hardestDiffer.mean),
    note: pair.arms.map((arm) => arms[arm].name).join(' against '),
  }));
  return element(
    'dl',
    { class: 'facts' },
    ...[...arms.slice(0, 4).map(of), ...differ].map(({ name, value, note }) =>
      element(
        'div',
        {},
        element('dt', {}, text(name)),
        element('dd', { class: 'value' }, text(value)),
        element('dd', { class: 'note' }, text(note)),
      ),
    ),
  );
}

function namesOf({ arms }: NegativesSummary): string[] {
  return arms.map(({ name }) => name);
}

const TEMPERATURES = [
  ['own', 'At each arm’s own temperature'],
  ['matched', 'At equal spread of the logits'],
] as const;

/** One figure at the arms' own temperatures, and a second where there are others to compare. */
function atBoth(summary: NegativesSummary, figure: (at: 'own' | 'matched') => Markup): Markup {
  const shown = TEMPERATURES.slice(0, summary.arms.length > 1 ? 2 : 1);
  return beside(...shown.map(([at, name]) => ({ name, figure: figure(at) })));
}

function weights({ summary, anchors }: NegativeStatistics): Section {
  const ridges = (at: 'own' | 'matched') =>
    summary.arms.map(({ name }, arm) => ({ name, values: anchors.arms[arm][at].mass }));
  return {
    id: 'weights',
    title: 'How much the negatives weigh',
    body: atBoth(summary, (at) =>
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

function byRank(summary: NegativesSummary): Section {
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
      atBoth(summary, (at) =>
        rankFigure(curves(at), {
          id: `rank-${at}`,
          title: `p by rank, ${at === 'own' ? 'own temperatures' : 'equal spread'}`,
          across: 'rank of the negative, hardest first',
          up: 'p of the negative',
          scale: 'logarithm',
        }),
      ),
      atBoth(summary, (at) =>
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
        'Above: the probability of the hardest negative, the second hardest, and so on, the mean over anchors; half of the anchors lie in the band. Below: the share that the k hardest have in the gradient of all negatives. A steep curve learns from a few, a flat one from many.',
      finding: `At the arms’ own temperatures, ${half.join('; ')}.`,
    },
  };
}

function pairName({ arms }: NegativesSummary, pair: PairSummary): string {
  return pair.arms.map((arm) => arms[arm].name).join(' / ');
}

function agreement(summary: NegativesSummary): Section {
  const { pairs } = summary;
  const curves = pairs.map(
    (pair, look): RankCurve => ({
      name: pairName(summary, pair),
      look,
      values: pair.overlap,
      marks: pair.overlapAt,
    }),
  );
  const overlap = rankFigure(curves, {
    id: 'overlap',
    title: 'Hard negatives that two arms share',
    across: 'r, number of hardest negatives compared',
    up: 'shared by both',
    scale: 'share',
  });
  return {
    id: 'agreement',
    title: 'Do they find the same items hard?',
    body: join([
      armLegend(curves.map(({ name }) => name)),
      beside(
        { name: 'Share of the r hardest that both have', figure: overlap },
        { name: 'Arms against arms', figure: agreementFigure(summary, 'agreement-matrix') },
      ),
    ]),
    caption: {
      reading:
        'If all points of a space lie at one distance from its origin, its distances rise with the angle alone, whatever the curvature: two such arms over the same directions rank every negative the same, and only the weights differ. Norms that are free, or another model, are what lets the order differ. Between two models compare with two seeds of one model: they differ, too.',
      finding: pairs.map((pair) => orderSentence(summary, pair)).join(' '),
    },
    after: htmlTable(pairRows(summary), {
      caption: 'Agreement of the arms, means over anchors with 95% intervals',
    }),
  };
}

function curvature(sweep: NonNullable<NegativesReportInput['sweep']>): Section {
  return {
    id: 'curvature',
    title: 'The same vectors at other curvatures',
    body: htmlTable(sweepRows(sweep.points), {
      caption: `${sweep.arm}, fed anew through the exponential map`,
    }),
    caption: {
      reading:
        'The arm’s tangent vectors at the origin go through the exponential map of balls of other curvature K, as they are and at length 1, and are compared with the cosine of the same vectors. K = 0 is Euclidean distance. The effective negatives are those at the temperature where the logits spread as the arm’s own do.',
      finding: sweepSentence(sweep),
    },
  };
}

function falseNegatives(summary: NegativesSummary): Section {
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
      scale: 'share',
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

function gallery(input: NegativesReportInput): Section {
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
      reading: `Each card is an anchor. For both arms: its nearest positives, set off by a line, and its hardest negatives ${where}, nearest first; hold the pointer over one for its distance and probability.`,
      finding,
    },
  };
}

function wholeSet({ summary }: NegativeStatistics): Section {
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

function origin({ origin: facts }: NegativesReportInput): Markup {
  return element(
    'dl',
    { class: 'origin' },
    ...facts.map(([name, value]) =>
      element('div', {}, element('dt', {}, text(name)), element('dd', {}, text(value))),
    ),
  );
}
