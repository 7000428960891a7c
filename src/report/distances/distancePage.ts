import type { DistanceBounds } from '../../evaluation/distances/bounds.js';
import type { DistanceReport } from '../../evaluation/distances/distanceReport.js';
import type { PointQuality } from '../../evaluation/distances/pointQuality.js';
import { classChips, classLegend } from '../classes.js';
import { counted, number, percent } from '../format.js';
import type { Plane } from '../input.js';
import { renderPage, type Section } from '../page.js';
import { euclideanFigure, poincareFigure } from '../planes.js';
import { quantiles } from '../statistics.js';
import { element, join, type Markup, text } from '../svg.js';
import { htmlTable, type TableRows } from '../table.js';
import { shepardPairsFigure } from './figures.js';
import { distanceVerdict } from './verdict.js';

export interface DistancePageInput {
  readonly title: string;
  readonly report: DistanceReport;
  readonly bounds?: DistanceBounds;
  /** Codes on paper, one point for each anchor of the report, and in which picture. */
  readonly plane: Plane;
  readonly disk: boolean;
  /** What is needed to repeat the run: name and value. */
  readonly origin: readonly (readonly [string, string])[];
}

/** The report of distances as one HTML file without scripts; the same input gives the same bytes. */
export function renderDistancePage(input: DistancePageInput): string {
  const { report, bounds, title } = input;
  const [first, ...more] = distanceVerdict(report, bounds);
  return renderPage({
    title,
    lead: first,
    head: tiles(report),
    sections: [
      diagram(report, more.join(' ')),
      map(input),
      {
        id: 'measures',
        title: 'All measures',
        body: htmlTable(measureRows(report, bounds), {
          caption: `${counted(report.n, 'row')}, k = ${report.k}`,
        }),
        caption: {
          reading:
            'Stresses and rank errors are 0 at best, all others 1 at best. docs/distances.md has the formulas.',
          finding: report.sampled
            ? 'Intervals hold 95 % of bootstrap samples of the rows that were compared.'
            : 'All pairs of rows were compared, so there are no intervals.',
        },
      },
    ],
    foot: join([element('h2', {}, text('How this was made')), origin(input)]),
  });
}

/** All measures as a table for terminal and page. */
export function measureRows(report: DistanceReport, bounds?: DistanceBounds): TableRows {
  const { intervals, spearmanError } = report;
  const row = (name: string, key: keyof NonNullable<typeof intervals>, note: string): readonly string[] => [
    name,
    plain(report[key]),
    intervals ? intervals[key].map(plain).join(' to ') : '',
    note,
  ];
  const pair = (name: string, { factor, rows }: DistanceReport['expansion']): readonly string[] => [
    name,
    plain(factor),
    '',
    `rows ${rows.join(' and ')}`,
  ];
  return [
    ['', 'value', intervals ? '95 %' : '', ''],
    row('trustworthiness', 'trustworthiness', '1 best'),
    row('continuity', 'continuity', '1 best'),
    row('neighbour recall', 'knnRecall', '1 best'),
    row('LCMC', 'lcmc', 'recall beyond chance'),
    row('MRRE, false', 'mrreFalse', '0 best'),
    row('MRRE, missing', 'mrreMissing', '0 best'),
    row('Spearman', 'shepardSpearman', spearmanError > 0 ? `at most ${number(spearmanError)} off` : ''),
    row('Pearson', 'shepardPearson', ''),
    row('stress-1', 'kruskalStress1', '0 best'),
    row('stress-1, scaled', 'scaledStress1', `code distances times ${plain(report.scale)}`),
    row('raw stress', 'rawStress', 'sum over pairs'),
    row('Sammon', 'sammon', '0 best'),
    row('average distortion', 'averageDistortion', 'mean |b - a| / a'),
    ['worst-case distortion', plain(report.worstCaseDistortion), '', 'expansion times contraction'],
    pair('largest expansion', report.expansion),
    pair('largest contraction', report.contraction),
    ...(bounds ? boundRows(bounds) : []),
  ];
}

function boundRows({ dim, rows, scaledStress1, reachableStress1, packing }: DistanceBounds): TableRows {
  return [
    ...(reachableStress1 === undefined
      ? []
      : [
          [
            'reached by MDS',
            plain(reachableStress1),
            '',
            `scaled stress of ${rows} rows in ${dim} dimensions`,
          ],
          ['codes on these rows', plain(scaledStress1), '', ''],
        ]),
    ...(packing
      ? [
          [
            'least worst case',
            plain(packing.distortion),
            '',
            packing.distortion > 1 ? `by counting ${packing.rows.length} rows` : 'counting says nothing',
          ],
        ]
      : []),
  ];
}

function plain(value: number): string {
  if (Number.isNaN(value)) return 'undefined';
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : 'infinite';
}

function tiles({ knnRecall, lcmc, k, shepardSpearman, scaledStress1, worstCaseDistortion }: DistanceReport) {
  const facts = [
    ['Neighbours kept', percent(knnRecall), `of the ${k} nearest; ${percent(knnRecall - lcmc)} by chance`],
    [
      'Rank correlation',
      plain(Number(shepardSpearman.toPrecision(3))),
      'Spearman, of code and input distances',
    ],
    ['Stress', percent(scaledStress1), 'of distances, at the best scale'],
    ['Worst case', plain(Number(worstCaseDistortion.toPrecision(3))), 'expansion times contraction'],
  ];
  return element(
    'dl',
    { class: 'facts' },
    ...facts.map(([name, value, note]) =>
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

function diagram(report: DistanceReport, finding: string): Section {
  return {
    id: 'shepard',
    title: 'Distances of inputs and codes',
    body: shepardPairsFigure(report.pairs, report.scale),
    caption: {
      reading:
        'Each pair of rows is a point, darker where there are many. On the dashed line codes keep distances up to one scale for all; the full line is the median. Above the dashed line pairs were stretched, below it shrunk.',
      finding,
    },
    captionPlace: 'beside',
  };
}

const KINDS = ['kept', 'among strangers', 'torn away', 'both'];

function map({ report: { points }, plane, disk }: DistancePageInput): Section {
  const kinds = kindsOf(points);
  const legend = classLegend(kinds, KINDS);
  // Kinds of points lie among each other: names in the figure would cover them.
  const unnamed = { ...legend, keys: legend.keys.map((key) => ({ ...key, name: '' })) };
  const figure = (disk ? poincareFigure : euclideanFigure)(plane, unnamed);
  const [low, middle, high] = quantiles(points.stress, [0.05, 0.5, 0.95]);
  return {
    id: 'map',
    title: 'Which points are torn or squeezed',
    body: element('div', {}, classChips(legend), figure),
    captionPlace: 'beside',
    caption: {
      reading:
        'Every code, in the two directions that show most. "Among strangers": of the tenth of points with the least trustworthiness, its neighbours here were far as inputs. "Torn away": of the tenth with the least continuity, its nearest inputs are elsewhere.',
      finding: `Stress of single points: ${percent(middle)} in the middle, nine of ten between ${percent(low)} and ${percent(high)}.`,
    },
  };
}

/** Places in KINDS: whether a point is of the worst tenth on either side. */
function kindsOf({ trustworthiness, continuity }: PointQuality): Int32Array {
  const [strange, torn] = [trustworthiness, continuity].map((values) => {
    const [limit] = quantiles(values, [0.1]);
    return Array.from(values, (value) => value < 1 && value <= limit);
  });
  return Int32Array.from(strange, (is, i) => (is ? 1 : 0) + (torn[i] ? 2 : 0));
}

function origin({ origin: entries }: DistancePageInput): Markup {
  return element(
    'dl',
    { class: 'origin' },
    ...entries.map(([name, value]) =>
      element('div', {}, element('dt', {}, text(name)), element('dd', {}, text(value))),
    ),
  );
}
