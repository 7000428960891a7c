import { extent, line, max } from 'd3';
import { type Area, type Axis, axisBottom, axisLeft, linearAxis } from './axes.js';
import type { ShepardSample } from './input.js';
import { drawableTogether, quantiles, runningMedian } from './statistics.js';
import { drawing, element, emptyDrawing, type Markup, round, text } from './svg.js';

/** Where the pairs are drawn. */
export const AREA: Area = { left: 46, right: 428, top: 40, bottom: 300 };
/** Density cells in x and y. */
const COLUMNS = 42;
const ROWS = 28;
const CELL = { width: (AREA.right - AREA.left) / COLUMNS, height: (AREA.bottom - AREA.top) / ROWS };
export const LEVELS = 5;
const GROUPS = 24;

/** Shepard diagram of one head: distance of codes against distance of inputs, as density, with running medians. */
export function shepardFigure(sample: ShepardSample, head: 'euclidean' | 'hyperbolic'): Markup {
  const title = `Distances kept by the ${head === 'euclidean' ? 'Euclidean' : 'hyperbolic'} head`;
  const frame = { id: `shepard-${head}`, title, width: 440, height: 350 };
  const { input, sameClass } = sample;
  const code = sample[head];
  const pairs = drawableTogether(input, code, sameClass);
  if (pairs.length === 0) return emptyDrawing(frame);
  // One far pair must not press all others into a corner.
  const [inputEnd, codeEnd] = [input, code].map(
    (d) =>
      quantiles(
        [...pairs].map((i) => d[i]),
        [0.998],
      )[0],
  );
  const [inputStart] = extent(pairs, (i) => input[i]) as [number, number];
  const x = linearAxis(Math.min(inputStart, inputEnd), inputEnd).clamp(true).range([AREA.left, AREA.right]);
  const y = linearAxis(0, Math.max(codeEnd, 0)).clamp(true).range([AREA.bottom, AREA.top]);
  const split = { other: pairs.filter((i) => !sameClass[i]), same: pairs.filter((i) => sameClass[i]) };
  return drawing(
    { ...frame, description: `${pairs.length} pairs, ${split.same.length} of them of one class.` },
    ...density(pairs, (i) => [x(input[i]), y(code[i])]).map((d, level) =>
      element('path', { class: `cells ${head}`, opacity: (level + 1) / LEVELS, d }),
    ),
    axisBottom(x, AREA, 'distance between the two images'),
    axisLeft(y, AREA, 'distance between their codes'),
    medians(runningMedian(input, code, split.other, GROUPS), x, y, 'between'),
    medians(runningMedian(input, code, split.same, GROUPS), x, y, 'within'),
  );
}

/** One path a level, LEVELS of them: the square cells whose count is in that fifth of the square root of the largest count. */
export function density(pairs: Int32Array, place: (i: number) => readonly [number, number]): string[] {
  const counts = new Map<string, number>();
  for (const i of pairs) {
    const [x, y] = place(i);
    const column = Math.min(Math.floor((x - AREA.left) / CELL.width), COLUMNS - 1);
    const row = Math.min(Math.floor((AREA.bottom - y) / CELL.height), ROWS - 1);
    const key = `M${round(AREA.left + column * CELL.width)} ${round(AREA.bottom - (row + 1) * CELL.height)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const largest = max(counts.values()) ?? 1;
  const [width, height] = [round(CELL.width), round(CELL.height)];
  const paths = Array.from({ length: LEVELS }, () => '');
  for (const [key, n] of counts) {
    // Square roots keep thinly populated cells visible beside crowded ones.
    const level = Math.min(LEVELS - 1, Math.floor(LEVELS * Math.sqrt(n / (largest + 1))));
    paths[level] += `${key}h${width}v${height}h-${width}z`;
  }
  return paths;
}

/** The within-class line carries its name below its start, the other above its end, so that the two cannot meet. */
function medians(points: readonly [number, number][], x: Axis, y: Axis, pairs: 'within' | 'between'): Markup {
  const curve = line<[number, number]>(
    (p) => x(p[0]),
    (p) => y(p[1]),
  ).digits(2);
  if (points.length === 0) return element('g', {});
  const [startX, startY] = points[0];
  const [endX, endY] = points[points.length - 1];
  const name =
    pairs === 'within'
      ? { x: Math.min(AREA.right - 80, x(startX)), y: Math.min(AREA.bottom - 4, y(startY) + 24) }
      : {
          x: Math.min(AREA.right, x(endX) + 4),
          y: Math.max(AREA.top + 12, y(endY) - 12),
          'text-anchor': 'end',
        };
  return element(
    'g',
    { class: `median ${pairs}` },
    element('path', { class: 'halo', d: curve(points) ?? '' }),
    element('path', { class: 'line', d: curve(points) ?? '' }),
    element('text', name, text(pairs === 'within' ? 'same class' : 'different class')),
  );
}
