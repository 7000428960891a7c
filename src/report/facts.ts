import { count, counted, degrees, duration, isDrawable, MISSING, percent } from './format.js';
import type { ReportInput } from './input.js';
import { standardError } from './scores.js';
import { element, type Markup, text } from './svg.js';

interface Fact {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** One sentence that says what was done; the first thing that a reader sees. */
export function leadSentence({ metrics, labels, numbers }: ReportInput): string {
  const classes = new Set(labels).size;
  const kinds = classes > 0 ? `${counted(classes, 'kind')} of images` : 'images';
  return `A small network learned to tell ${kinds} apart, at any angle, from ${counted(metrics.data.train, 'example')} in ${duration(numbers.trainSeconds.model)}. Then ${counted(numbers.queries, 'image')} it had never seen asked: which images are most like me?`;
}

function facts({ metrics, numbers }: ReportInput): readonly Fact[] {
  const { retrieval, equivariance } = metrics;
  const share = retrieval.ensemble.recallAt1;
  const error = standardError(share, numbers.queries);
  return [
    {
      name: 'Right at first hit',
      value: percent(share),
      note: isDrawable(error)
        ? `± ${(100 * error).toFixed(1)} points, both heads together`
        : 'both heads together',
    },
    { name: 'Raw pixels find', value: percent(retrieval.rawPixels.recallAt1), note: 'without any learning' },
    {
      name: 'Trained in',
      value: duration(numbers.trainSeconds.model),
      note: `whole run ${duration(metrics.seconds.total)}`,
    },
    {
      name: 'Orientation error',
      value: degrees(equivariance.orientationErrorDegrees),
      note: 'of the angle it reads off an image',
    },
    {
      name: 'Parameters',
      value: count(numbers.parameters.model),
      note: `${count(numbers.parameters.baseline)} in the network without invariance`,
    },
  ];
}

/** The few numbers to remember. */
export function factTiles(input: ReportInput): Markup {
  return element(
    'dl',
    { class: 'facts' },
    ...facts(input).map(({ name, value, note }) =>
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

/** What is needed to repeat the run. */
export function originList(input: ReportInput): Markup {
  const { metrics, temperatures } = input;
  const { seconds, index } = metrics;
  const entries: readonly (readonly [string, string])[] = [
    ['Made', input.createdAt],
    ['By', `gyrometric ${input.version}`],
    ['Machine', input.machine],
    ['Engine', input.engine],
    ['Seed', String(metrics.seed)],
    ['Data', `${count(metrics.data.train)} for training, ${count(metrics.data.test)} for testing`],
    [
      'Feeding',
      input.feeding === 'unit'
        ? 'unit: both heads get codes of length 1'
        : 'free: each head has its own lengths',
    ],
    [
      'Temperatures',
      `${plain(temperatures.euclidean)} Euclidean, ${plain(temperatures.hyperbolic)} hyperbolic`,
    ],
    [
      'Time',
      `${duration(seconds.train)} training, ${duration(seconds.index)} building the index, ${duration(seconds.query)} queries, ${duration(seconds.total)} in all`,
    ],
    [
      'Index',
      `${index.engine}: finds ${percent(index.recallAt10)} of the ten exact neighbours, ${counted(index.unreachable, 'item')} out of reach`,
    ],
  ];
  return element(
    'dl',
    { class: 'origin' },
    ...entries.map(([name, value]) =>
      element('div', {}, element('dt', {}, text(name)), element('dd', {}, text(value))),
    ),
  );
}

function plain(value: number): string {
  return isDrawable(value) ? String(value) : MISSING;
}
