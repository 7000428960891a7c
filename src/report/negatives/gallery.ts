import type { DifferentAnchor, SeenItem } from '../../evaluation/negatives/mostDifferent.js';
import { className } from '../classes.js';
import { number, percent } from '../format.js';
import type { Picture } from '../input.js';
import { picture, thumbnail } from '../picture.js';
import { element, join, type Markup, text } from '../svg.js';
import { armClass } from './arms.js';
import type { ImageStack, NegativesReportInput } from './input.js';

/** Anchors in sight at first; the others open on request. */
const IN_SIGHT = 6;
/** Pixels a side: a thumbnail is shown at 38 to 76, on fine screens at twice that. */
const LARGEST = 96;

/** Anchors, each with its nearest positives and hardest negatives in two arms side by side. */
export function galleryFigure(input: NegativesReportInput): Markup {
  const { gallery } = input;
  if (gallery.length === 0) return element('p', { class: 'nothing' }, text('no data'));
  const cards = gallery.map((anchor) => card(anchor, input));
  const first = element('div', { class: 'strips' }, ...cards.slice(0, IN_SIGHT));
  if (cards.length <= IN_SIGHT) return first;
  const rest = cards.slice(IN_SIGHT);
  const summary = element('summary', {}, text(`Show ${rest.length} more`));
  return join([first, element('details', {}, summary, element('div', { class: 'strips' }, ...rest))]);
}

function card(anchor: DifferentAnchor, input: NegativesReportInput): Markup {
  const { arms } = input.blocks.summary;
  const name = nameOf(anchor.row, input);
  const shared = anchor.arms.length > 1 ? `; ${percent(anchor.overlap, 0)} shared` : '';
  return element(
    'article',
    { class: 'strip', 'aria-label': `anchor, ${name}` },
    element(
      'div',
      { class: 'query' },
      element(
        'figure',
        {},
        tile(anchor.row, `anchor, ${name}`, input),
        element('figcaption', {}, text(`${name}${shared}`)),
      ),
    ),
    element(
      'dl',
      { class: 'found' },
      ...anchor.arms.map(({ arm, positives, negatives }) =>
        element(
          'div',
          { class: `seen ${armClass(arm)}` },
          element('dt', {}, text(arms[arm].name)),
          element('dd', {}, items(positives, 'positive', input), items(negatives, 'negative', input)),
        ),
      ),
    ),
  );
}

function items(
  seen: readonly SeenItem[],
  kind: 'positive' | 'negative',
  input: NegativesReportInput,
): Markup {
  const list = seen.map(({ row, distance, p }, i) => {
    const weight = p === undefined ? '' : `, p ${number(p)}`;
    const alt = `${kind} ${i + 1}: ${nameOf(row, input)}, distance ${number(distance)}${weight}`;
    const name = className(input.classes[row], input.classNames);
    const below = input.images
      ? [element('span', { class: 'class', 'aria-hidden': 'true' }, text(name))]
      : [];
    return element('li', { class: 'tile', title: alt }, tile(row, alt, input), ...below);
  });
  return element(
    'div',
    { class: 'list' },
    element('span', { class: 'kind' }, text(`${kind}s`)),
    element('ol', {}, ...list),
  );
}

function tile(row: number, alt: string, input: NegativesReportInput): Markup {
  const { images, classes, classNames } = input;
  if (images) return picture(thumbnail(imageOf(images, row), LARGEST), alt);
  const label = className(classes[row], classNames);
  return element('span', { class: 'blank label', role: 'img', 'aria-label': alt }, text(label));
}

function imageOf({ pixels, height, width, channels }: ImageStack, row: number): Picture {
  const size = height * width * channels;
  return { pixels: pixels.subarray(row * size, (row + 1) * size), height, width, channels };
}

function nameOf(row: number, { classes, classNames }: NegativesReportInput): string {
  return `row ${row}, class ${className(classes[row], classNames)}`;
}
