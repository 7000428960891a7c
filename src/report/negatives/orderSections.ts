import type { NegativesSummary, PairSummary } from '../../evaluation/negatives/records.js';
import { beside, type Section } from '../page.js';
import { join } from '../svg.js';
import { htmlTable } from '../table.js';
import { agreementFigure } from './agreement.js';
import { armLegend } from './arms.js';
import { type RankCurve, rankFigure } from './curves.js';
import type { NegativesReportInput } from './input.js';
import { orderSentence, sweepSentence } from './sentences.js';
import { pairRows, sweepRows } from './tables.js';

/** Pairs that the text speaks of; the table has all. */
const MOST_TOLD = 3;

function pairName({ arms }: NegativesSummary, pair: PairSummary): string {
  return pair.arms.map((arm) => arms[arm].name).join(' / ');
}

export function agreementSection(summary: NegativesSummary): Section {
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
      finding: pairs
        .slice(0, MOST_TOLD)
        .map((pair) => orderSentence(summary, pair))
        .join(' '),
    },
    after: htmlTable(pairRows(summary), {
      caption: 'Agreement of the arms, means over anchors with 95% intervals',
    }),
  };
}

export function curvatureSection(sweep: NonNullable<NegativesReportInput['sweep']>): Section {
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
