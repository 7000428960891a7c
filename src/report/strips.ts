import { className } from './classes.js';
import { isDrawable, number } from './format.js';
import type { ImageTile, RetrievalArm, RetrievalStrip } from './input.js';
import { picture } from './picture.js';
import { element, join, type Markup, text } from './svg.js';

const ARMS: Readonly<Record<RetrievalArm, string>> = {
  euclidean: 'Euclidean',
  hyperbolic: 'Hyperbolic',
  ensemble: 'Both together',
  pixels: 'Raw pixels',
};
/** Strips in sight at first; the others open on request. */
const IN_SIGHT = 4;

/** Queries with what each arm found. HTML, not SVG: tiles wrap on a narrow screen and carry alternative text. */
export function stripsFigure(strips: readonly RetrievalStrip[], names: readonly string[] = []): Markup {
  if (strips.length === 0) return element('p', { class: 'nothing' }, text('no data'));
  const cards = strips.map((strip) => card(strip, names));
  const first = element('div', { class: 'strips' }, ...cards.slice(0, IN_SIGHT));
  if (cards.length <= IN_SIGHT) return first;
  const rest = cards.slice(IN_SIGHT);
  const summary = `Show ${rest.length} more ${rest.length === 1 ? 'query' : 'queries'}`;
  return join([
    first,
    element(
      'details',
      {},
      element('summary', {}, text(summary)),
      element('div', { class: 'strips' }, ...rest),
    ),
  ]);
}

function card({ query, upright, rows }: RetrievalStrip, names: readonly string[]): Markup {
  const name = className(query.label, names);
  return element(
    'article',
    { class: 'strip', 'aria-label': `query, class ${name}` },
    element(
      'div',
      { class: 'query' },
      pictured(query, `query, class ${name}`, 'query'),
      element('span', { class: 'turn', 'aria-hidden': 'true' }, text('↻')),
      pictured(upright, `the query turned upright by the model, class ${name}`, 'turned back'),
    ),
    element('dl', { class: 'found' }, ...rows.map((r) => foundRow(r.head, r.tiles, query, names))),
  );
}

function pictured(tile: ImageTile, alt: string, caption: string): Markup {
  return element('figure', {}, picture(tile, alt), element('figcaption', {}, text(caption)));
}

function foundRow(
  head: RetrievalArm,
  tiles: readonly ImageTile[],
  query: ImageTile,
  names: readonly string[],
): Markup {
  const items = tiles.map((tile, i) => {
    const right = isRight(tile, query);
    const at =
      tile.distance !== undefined && isDrawable(tile.distance) ? `, distance ${number(tile.distance)}` : '';
    const alt = `neighbour ${i + 1}: class ${className(tile.label, names)}${at}, ${right ? 'right' : 'wrong'}`;
    const mark = element('span', { class: 'cross', 'aria-hidden': 'true' }, text('✕'));
    return element(
      'li',
      { class: right ? 'tile' : 'tile wrong', title: alt },
      picture(tile, alt),
      ...(right ? [] : [mark]),
    );
  });
  return element(
    'div',
    { class: `row ${head}` },
    element('dt', {}, text(ARMS[head])),
    element('dd', {}, element('ol', {}, ...items)),
  );
}

/** Whether a neighbour counts as a right answer to the query. */
export function isRight(tile: ImageTile, query: ImageTile): boolean {
  return tile.correct ?? tile.label === query.label;
}
