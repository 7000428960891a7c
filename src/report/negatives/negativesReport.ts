import type { ArmSummary, NegativesSummary } from '../../evaluation/negatives/records.js';
import { count, number, percent } from '../format.js';
import { renderPage } from '../page.js';
import { element, join, type Markup, text } from '../svg.js';
import type { NegativesReportInput } from './input.js';
import { falseNegativesSection, gallerySection, wholeSetSection } from './itemSections.js';
import { agreementSection, curvatureSection } from './orderSections.js';
import { byRankSection, weightsSection } from './weightSections.js';

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
      weightsSection(blocks),
      byRankSection(blocks.summary),
      ...(blocks.summary.arms.length > 1 ? [agreementSection(blocks.summary)] : []),
      ...(input.sweep ? [curvatureSection(input.sweep)] : []),
      falseNegativesSection(blocks.summary),
      gallerySection(input),
      ...(whole ? [wholeSetSection(whole)] : []),
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

function origin({ origin: facts }: NegativesReportInput): Markup {
  return element(
    'dl',
    { class: 'origin' },
    ...facts.map(([name, value]) =>
      element('div', {}, element('dt', {}, text(name)), element('dd', {}, text(value))),
    ),
  );
}
