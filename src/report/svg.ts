import { DomainError, expectation } from '../core/errors.js';

/** Markup that is safe to put into a page: made by `element` and `text` only, so that nothing escapes escaping. */
export type Markup = string & { readonly markup: true };

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
// Neither XML nor HTML can carry these, escaped or not: control characters and halves of surrogate pairs.
const UNPRINTABLE = /[\p{Cc}\p{Surrogate}\ufffe\uffff]/gu;
const VOID = new Set(['br', 'hr', 'img', 'input', 'link', 'meta']);

function escaped(value: string): string {
  return value
    .replace(UNPRINTABLE, (c) => (c === '\n' || c === '\t' ? c : ''))
    .replace(/[&<>"']/g, (c) => ENTITIES[c]);
}

/** Text of any origin. */
export function text(value: string): Markup {
  return escaped(value) as Markup;
}

/**
 * One element of HTML or SVG. Attributes that are undefined or false are left out; true gives a bare attribute.
 * @param attributes  numbers are rounded to 2 decimals
 * @throws DomainError for a number that is not finite: the figure has to leave such points out
 */
export function element(name: string, attributes: Attributes, ...children: readonly Markup[]): Markup {
  let open = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    open += value === true ? ` ${key}` : ` ${key}="${attribute(value, `${name} ${key}`)}"`;
  }
  if (VOID.has(name)) return `${open}>` as Markup;
  return `${open}>${children.join('')}</${name}>` as Markup;
}

function attribute(value: string | number, who: string): string {
  if (typeof value === 'string') return escaped(value);
  if (Number.isFinite(value)) return round(value);
  throw new DomainError(expectation(who, 'a finite number', value, 'leave this mark out of the figure'));
}

/** At most 2 decimals, no trailing zeros: a hundredth of a pixel is below what a screen shows. */
export function round(value: number): string {
  return String(Math.round(value * 100) / 100 + 0);
}

export function join(parts: readonly Markup[]): Markup {
  return parts.join('') as Markup;
}

/** A style sheet of our own; never text of foreign origin, since style sheets cannot be escaped like text. */
export function styleSheet(css: string): Markup {
  return `<style>${css}</style>` as Markup;
}

/** A drawing with the name and description that screen readers speak. */
export interface Drawing {
  /** Unique in its page. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Units of the viewBox; the page scales it. */
  readonly width: number;
  readonly height: number;
}

export function drawing(
  { id, title, description, width, height }: Drawing,
  ...children: readonly Markup[]
): Markup {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${round(width)} ${round(height)}`,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-description`,
    },
    element('title', { id: `${id}-title` }, text(title)),
    element('desc', { id: `${id}-description` }, text(description)),
    ...children,
  );
}

/** What a figure shows instead of itself where there is nothing to draw. */
export function emptyDrawing(frame: Omit<Drawing, 'description'>): Markup {
  const { width, height } = frame;
  return drawing(
    { ...frame, description: 'no data' },
    element('rect', { class: 'empty', x: 1, y: 1, width: width - 2, height: height - 2, rx: 8 }),
    element('text', { class: 'note', x: width / 2, y: height / 2, 'text-anchor': 'middle' }, text('no data')),
  );
}
