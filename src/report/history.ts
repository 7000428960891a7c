import { line, mean } from 'd3';
import type { StepEvent } from '../core/records.js';
import { type Area, axisBottom, axisLeft, linearAxis, logAxis } from './axes.js';
import { isDrawable } from './format.js';
import { drawing, element, emptyDrawing, type Markup, text } from './svg.js';

/** One curve of a panel: points (images seen, value), ascending. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

/** Longest curve drawn; longer histories are averaged in windows, which also calms the noise of single batches. */
const MAX_POINTS = 160;
const MAX_SERIES = 8;

/** Parts of a step that are shares of 0..1, not parts of the loss, with the names that readers see. */
const SHARES: ReadonlyMap<string, string> = new Map([
  ['pEuclidean', 'p(x⁻) Euclidean'],
  ['pPoincare', 'p(x⁻) hyperbolic'],
  ['hardestDiffer', 'hardest one differs'],
]);
/** Statistics on a scale of their own: they steer the training's warnings and are not drawn. */
const NOT_DRAWN = ['spread'];
const LOSSES: ReadonlyMap<string, string> = new Map([
  ['mixed', 'both heads'],
  ['euclidean', 'Euclidean'],
  ['poincare', 'hyperbolic'],
  ['preservation', 'distances'],
]);

/** The loss and the parts of it over the training. Parts of unknown names are taken for parts of the loss. */
export function lossFigure(history: readonly StepEvent[]): Markup {
  const names = partNames(history).filter((name) => !SHARES.has(name) && !NOT_DRAWN.includes(name));
  const total = { name: 'loss', points: pointsOf(history, (e) => e.loss) };
  // A loss of one part is that part.
  const parts = names.length === 1 ? [] : seriesOf(history, names, LOSSES);
  return panel([total, ...parts], { id: 'history-loss', title: 'Loss during training', unit: 'loss' });
}

/** p(x-) of both spaces, and how often their hardest negatives differ, over the training. */
export function shareFigure(history: readonly StepEvent[]): Markup {
  const recorded = partNames(history);
  const names = [...SHARES.keys()].filter((name) => recorded.includes(name));
  const series = seriesOf(history, names, SHARES);
  return panel(series, { id: 'history-shares', title: 'Negatives during training', unit: 'share, 0 to 1' });
}

function seriesOf(
  history: readonly StepEvent[],
  names: readonly string[],
  shown: ReadonlyMap<string, string>,
): Series[] {
  return names.map((name) => ({
    name: shown.get(name) ?? name,
    points: pointsOf(history, (e) => e.parts[name]),
  }));
}

function partNames(history: readonly StepEvent[]): string[] {
  return [...new Set(history.flatMap((event) => Object.keys(event.parts)))];
}

function pointsOf(history: readonly StepEvent[], value: (event: StepEvent) => number): [number, number][] {
  const points = history
    .map((event): [number, number] => [event.images, value(event)])
    .filter(([images, v]) => isDrawable(images) && isDrawable(v))
    .sort((a, b) => a[0] - b[0]);
  const window = Math.ceil(points.length / MAX_POINTS);
  return Array.from({ length: Math.ceil(points.length / Math.max(1, window)) }, (_, i) => {
    const members = points.slice(i * window, (i + 1) * window);
    return [mean(members, (p) => p[0])!, mean(members, (p) => p[1])!];
  });
}

export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** What runs from left to right. Default: images seen. */
  readonly over?: string;
}

/** Curves in one panel, at most 8; "no data" where none has a point. */
export function panel(all: readonly Series[], { id, title, unit, over = 'images seen' }: Panel): Markup {
  const series = all.filter((s) => s.points.length > 0).slice(0, MAX_SERIES);
  const key = legendRows(series);
  const area: Area = { left: 46, right: 428, top: 34 + 20 * key.length, bottom: 270 + 20 * key.length };
  const frame = { id, title, width: 440, height: area.bottom + 50 };
  if (series.length === 0) return emptyDrawing({ ...frame, height: 320 });
  const images = series.flatMap((s) => [s.points[0][0], s.points[s.points.length - 1][0]]);
  const values = series.flatMap((s) => s.points.map((p) => p[1]));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = linearAxis(Math.min(...images), Math.max(...images)).range([area.left, area.right]);
  // Losses that fall to a hundredth and below hide their end on a linear axis.
  const y = (
    low > 0 && high / low > 60 && high > 1e-9 ? logAxis(low, high) : linearAxis(Math.min(0, low), high)
  ).range([area.bottom, area.top]);
  const curve = line<readonly [number, number]>(
    (p) => x(p[0]),
    (p) => y(p[1]),
  ).digits(2);
  const ends = series.map((s) => `${s.name} from ${s.points[0][1]} to ${s.points[s.points.length - 1][1]}`);
  return drawing(
    {
      ...frame,
      description: `Over ${over === 'images seen' ? 'the images seen' : over}: ${ends.join('; ')}.`,
    },
    axisBottom(x, area, over),
    axisLeft(y, area, unit),
    ...series.map((s, i) =>
      element('path', { class: `series s${i} ${headOf(s.name)}`, d: curve(s.points) ?? '' }),
    ),
    ...key.flatMap((items, row) => items.map((item) => legendItem(item, row))),
  );
}

/** Curves of one head keep the head's colour throughout the report. */
function headOf(name: string): string {
  if (/euclid/i.test(name)) return 'euclidean';
  return /hyperbolic/i.test(name) ? 'hyperbolic' : '';
}

interface LegendItem {
  readonly name: string;
  readonly index: number;
  readonly x: number;
}

/** The names in as many rows as they need; 7.2 is the mean width of a letter at the size of the legend. */
function legendRows(series: readonly Series[]): LegendItem[][] {
  const rows: LegendItem[][] = [];
  let x = Number.POSITIVE_INFINITY;
  series.forEach((s, index) => {
    const name = s.name.length > 26 ? `${s.name.slice(0, 25)}…` : s.name;
    const width = 34 + 7.2 * name.length;
    if (x + width > 440) {
      rows.push([]);
      x = 2;
    }
    rows[rows.length - 1].push({ name, index, x });
    x += width + 8;
  });
  return rows;
}

function legendItem({ name, index, x }: LegendItem, row: number): Markup {
  const y = 12 + 20 * row;
  return element(
    'g',
    { class: 'key' },
    element('path', { class: `series s${index} ${headOf(name)}`, d: `M${x} ${y}h24` }),
    element('text', { x: x + 30, y: y + 4 }, text(name)),
  );
}
