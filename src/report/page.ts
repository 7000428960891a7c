import { classRules } from './classes.js';
import { armRules } from './negatives/arms.js';
import { STYLE } from './style.js';
import { element, join, type Markup, styleSheet, text } from './svg.js';

/** What is said about figures, as plain text. */
export interface Caption {
  /** How to read them; the same for every run. */
  readonly reading: string;
  /** What the numbers of this run say. */
  readonly finding: string;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
  readonly caption: Caption;
  /** beside: the caption stands next to the body where there is room; under (default): below it. */
  readonly captionPlace?: 'beside' | 'under';
  /** At full width after body and caption. */
  readonly after?: Markup;
}

export interface Page {
  readonly title: string;
  readonly lead: string;
  /** Between the lead and the first section. */
  readonly head: Markup;
  readonly sections: readonly Section[];
  readonly foot: Markup;
}

// Nothing but what is in the file: a browser that obeys this loads no script, font or picture from elsewhere.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** One HTML file with everything in it: no scripts, no network, light or dark as the reader's system is. */
export function renderPage({ title, lead, head, sections, foot }: Page): string {
  const meta = [
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    element('meta', { name: 'description', content: lead }),
    element('link', { rel: 'icon', href: 'data:,' }),
    element('title', {}, text(title)),
    styleSheet(`${STYLE}\n${classRules()}\n${armRules()}`),
  ];
  const header = element(
    'header',
    {},
    element('h1', {}, text(title)),
    element('p', { class: 'lead' }, text(lead)),
    head,
  );
  const main = element('main', {}, ...sections.map(section));
  const footer = element('footer', {}, element('div', {}, foot));
  const html = element(
    'html',
    { lang: 'en' },
    element('head', {}, ...meta),
    element('body', {}, header, main, footer),
  );
  return `<!doctype html>\n${html}\n`;
}

function section({ id, title, body, caption, captionPlace = 'under', after }: Section): Markup {
  const words = element(
    'div',
    { class: 'caption' },
    remark('How to read it', caption.reading),
    remark('In this run', caption.finding),
  );
  return element(
    'section',
    { id, 'aria-labelledby': `${id}-heading` },
    element('h2', { id: `${id}-heading` }, text(title)),
    captionPlace === 'beside' ? element('div', { class: 'beside' }, body, words) : join([body, words]),
    ...(after ? [after] : []),
  );
}

function remark(heading: string, words: string): Markup {
  return element('div', {}, element('h3', {}, text(heading)), element('p', {}, text(words)));
}

/** Figures beside each other where there is room, under each other where there is not. */
export function beside(...figures: readonly { readonly name: string; readonly figure: Markup }[]): Markup {
  return element(
    'div',
    { class: 'beside' },
    ...figures.map(({ name, figure }) =>
      element('figure', {}, join([element('figcaption', {}, text(name)), figure])),
    ),
  );
}
