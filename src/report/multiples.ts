import { line, scaleLog } from 'd3';
import { type Area, axisLeft, linearAxis } from './axes.js';
import { classRules } from './classes.js';
import { isDrawable } from './format.js';
import { STYLE } from './style.js';
import { drawing, element, emptyDrawing, join, type Markup, styleSheet, text } from './svg.js';

/** A value with the ends of its interval. */
export interface MultiplePoint {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

/** Colours of lines; what belongs together has one. */
export type MultipleTone = 'euclidean' | 'cosine' | 'hyperbolic' | 'product' | 'floor';

export interface MultipleLine {
  readonly name: string;
  readonly tone: MultipleTone;
  readonly dashed: boolean;
  /** In order of x > 0; those that are not finite are left out. */
  readonly points: readonly MultiplePoint[];
}

export interface MultiplePanel {
  readonly title: string;
  /** What is measured, and which way is better. */
  readonly unit: string;
  readonly lines: readonly MultipleLine[];
}

export interface MultiplesInput {
  /** Unique in its page. */
  readonly id: string;
  readonly title: string;
  readonly xLabel: string;
  readonly panels: readonly MultiplePanel[];
}

const COLUMNS = 3;
const PANEL = { width: 330, height: 300 };
const KEY_ROW = 22;
const KEY_COLUMN = 200;
/** Between the whiskers of neighbouring lines, so that they do not hide each other. */
const APART = 2.2;

/** Small multiples: a panel a measure, in each a line with intervals a way, over one logarithmic axis of x for all. */
export function multiplesFigure({ id, title, xLabel, panels }: MultiplesInput): Markup {
  const drawn = panels.map((panel) => ({ ...panel, lines: panel.lines.map(drawable).filter(hasPoints) }));
  const lines = drawn.flatMap((panel) => panel.lines);
  const width = COLUMNS * PANEL.width;
  if (lines.length === 0) return emptyDrawing({ id, title, width, height: 200 });
  const names = [...new Map(lines.map((l) => [l.name, l])).values()];
  const perRow = Math.floor(width / KEY_COLUMN);
  const top = KEY_ROW * Math.ceil(names.length / perRow) + 14;
  const xs = [...new Set(lines.flatMap((l) => l.points.map(({ x }) => x)))].sort((a, b) => a - b);
  const height = top + PANEL.height * Math.ceil(panels.length / COLUMNS);
  const description = `${panels.map((panel) => panel.title).join('; ')}: over ${xLabel}, ${xs.join(', ')}.`;
  return drawing(
    { id, title, description, width, height },
    ...names.map((l, i) => key(l, KEY_COLUMN * (i % perRow), 12 + KEY_ROW * Math.floor(i / perRow))),
    ...drawn.map((panel, i) => {
      const left = PANEL.width * (i % COLUMNS);
      const above = top + PANEL.height * Math.floor(i / COLUMNS);
      return element('g', { transform: `translate(${left} ${above})` }, panelMarkup(panel, xs, xLabel));
    }),
  );
}

/** A figure as a file of its own, light or dark as the reader's system is. */
export function standaloneFigure(figure: Markup): string {
  const open = figure.indexOf('>') + 1;
  const style = styleSheet(`${STYLE}\n${classRules()}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${figure.slice(0, open)}${style}${figure.slice(open)}\n`;
}

function drawable(one: MultipleLine): MultipleLine {
  const points = one.points.filter(({ x, y, low, high }) => x > 0 && [x, y, low, high].every(isDrawable));
  return { ...one, points };
}

function hasPoints({ points }: MultipleLine): boolean {
  return points.length > 0;
}

function panelMarkup({ title, unit, lines }: MultiplePanel, xs: readonly number[], xLabel: string): Markup {
  const area: Area = { left: 46, right: PANEL.width - 22, top: 48, bottom: PANEL.height - 56 };
  const heading = element('text', { class: 'panel', x: 2, y: 12 }, text(title));
  if (lines.length === 0) {
    const middle = { x: PANEL.width / 2, y: PANEL.height / 2, 'text-anchor': 'middle' };
    return join([heading, element('text', { class: 'note', ...middle }, text('no data'))]);
  }
  const values = lines.flatMap((l) => l.points.flatMap(({ low, high }) => [low, high]));
  const y = linearAxis(Math.min(...values), Math.max(...values)).range([area.bottom, area.top]);
  const x = scaleLog()
    .domain(xs.length > 1 ? [xs[0], xs[xs.length - 1]] : [xs[0] / 2, xs[0] * 2])
    .range([area.left + 8, area.right - 8]);
  const curve = line<MultiplePoint>(
    (p) => x(p.x),
    (p) => y(p.y),
  ).digits(2);
  return join([
    heading,
    axisLeft(y, area, unit),
    bottomAxis(
      xs.map((value) => [value, x(value)] as const),
      area,
      xLabel,
    ),
    ...lines.map((l, i) => {
      const shift = APART * (i - (lines.length - 1) / 2);
      return element(
        'g',
        { class: toneOf(l) },
        element('path', { class: toneOf(l), d: curve(l.points) ?? '' }),
        ...l.points.map((p) => {
          const at = x(p.x) + shift;
          const bar = element('line', { x1: at, x2: at, y1: y(p.low), y2: y(p.high) });
          return element('g', { class: 'whisker' }, bar);
        }),
      );
    }),
  ]);
}

/** Ticks at the values that were tried, each with its number. */
function bottomAxis(ticks: readonly (readonly [number, number])[], area: Area, label: string): Markup {
  return element(
    'g',
    { class: 'axis' },
    ...ticks.map(([value, at]) =>
      element('text', { x: at, y: area.bottom + 18, 'text-anchor': 'middle' }, text(String(value))),
    ),
    element('line', { class: 'rule', x1: area.left, x2: area.right, y1: area.bottom, y2: area.bottom }),
    element(
      'text',
      { class: 'name', x: (area.left + area.right) / 2, y: area.bottom + 36, 'text-anchor': 'middle' },
      text(label),
    ),
  );
}

function key(one: MultipleLine, x: number, y: number): Markup {
  return element(
    'g',
    { class: 'key' },
    element('path', { class: toneOf(one), d: `M${x} ${y}h26` }),
    element('text', { x: x + 34, y: y + 4 }, text(one.name)),
  );
}

function toneOf({ tone, dashed }: MultipleLine): string {
  return `series ${tone}${dashed ? ' dashed' : ''}`;
}
