import { area as bandOf, line, scaleLog } from 'd3';
import { type Area, type Axis, axisBottom, axisLeft, linearAxis, logAxis } from '../axes.js';
import { isDrawable, number } from '../format.js';
import { drawing, element, emptyDrawing, type Markup } from '../svg.js';
import { armClass } from './arms.js';

/** One curve over ranks 1, 2, ... */
export interface RankCurve {
  readonly name: string;
  /** Which look it has: see armClass. */
  readonly look: number;
  /** values[r - 1] at rank r. */
  readonly values: readonly number[];
  /** From low[r - 1] to high[r - 1], drawn behind. */
  readonly band?: { readonly low: readonly number[]; readonly high: readonly number[] };
  /** Marks with an interval. */
  readonly marks?: readonly {
    readonly k: number;
    readonly mean: number;
    readonly interval: readonly [number, number];
  }[];
}

export interface RankFrame {
  readonly id: string;
  readonly title: string;
  readonly across: string;
  readonly up: string;
  /** share: 0 to 1 in percent; part: 0 to the largest, in percent; logarithm: powers of ten. */
  readonly scale: 'share' | 'part' | 'logarithm';
  /** Curves of another figure on the same scale. */
  readonly beside?: readonly RankCurve[];
}

const AREA: Area = { left: 52, right: 428, top: 34, bottom: 264 };
const SIZE = { width: 440, height: 314 };
/** Smaller probabilities are drawn on the lower end. */
const LEAST = 1e-6;

/** Curves over the ranks of negatives, the ranks on a logarithmic axis: what matters is at its beginning. */
export function rankFigure(curves: readonly RankCurve[], frame: RankFrame): Markup {
  const { id, title } = frame;
  const depth = Math.max(0, ...curves.map(({ values }) => values.findLastIndex(isDrawable) + 1));
  if (depth === 0) return emptyDrawing({ ...SIZE, id, title });
  const x = scaleLog([1, Math.max(2, depth)], [AREA.left, AREA.right]);
  const y = heightAxis([...curves, ...(frame.beside ?? [])], frame.scale);
  const percent = (v: number) => `${Number((100 * v).toPrecision(3))}%`;
  const ends = curves.map(
    ({ name, values }) => `${name} ${number(values[0])} at 1, ${number(values[depth - 1])} at ${depth}`,
  );
  return drawing(
    { ...SIZE, id, title, description: `${frame.up}, by ${frame.across}: ${ends.join('; ')}.` },
    axisBottom(x, AREA, frame.across, ranksOf(depth)),
    axisLeft(y, AREA, frame.up, frame.scale === 'logarithm' ? {} : { format: percent }),
    ...curves.flatMap((curve) => (curve.band ? [bandPath(curve, curve.band, x, y)] : [])),
    ...curves.map((curve) => curvePath(curve, x, y)),
    ...curves.flatMap((curve) => whiskers(curve, x, y)),
  );
}

/** 1, 2, 5, 10, ... up to depth. */
function ranksOf(depth: number): number[] {
  const decades = Array.from({ length: 6 }, (_, e) => [1, 2, 5].map((m) => m * 10 ** e)).flat();
  return decades.filter((k) => k <= depth);
}

function heightAxis(curves: readonly RankCurve[], scale: RankFrame['scale']): Axis {
  const range = [AREA.bottom, AREA.top];
  if (scale === 'share') return linearAxis(0, 1).clamp(true).range(range);
  if (scale === 'part') {
    const high = curves.flatMap(({ values, marks = [] }) => [...values, ...marks.map((m) => m.interval[1])]);
    return linearAxis(0, Math.max(0, ...high.filter(isDrawable))).range(range);
  }
  const all = curves.flatMap(({ values, band }) => [...values, ...(band?.low ?? []), ...(band?.high ?? [])]);
  const drawn = all.filter((v) => isDrawable(v) && v > 0);
  if (drawn.length === 0) return logAxis(LEAST, 1).range(range);
  return logAxis(Math.max(LEAST, Math.min(...drawn)), Math.min(1, Math.max(...drawn))).range(range);
}

type Point = readonly [rank: number, value: number];

function pointsOf(values: readonly number[]): Point[] {
  return values.map((value, i): Point => [i + 1, value]).filter(([, value]) => isDrawable(value));
}

function curvePath({ values, look }: RankCurve, x: Axis, y: Axis): Markup {
  const path = line<Point>(
    ([r]) => x(r),
    ([, value]) => y(Math.max(value, LEAST)),
  ).digits(2);
  return element('path', { class: `arm-line ${armClass(look)}`, d: path(pointsOf(values)) ?? '' });
}

function bandPath(
  { look }: RankCurve,
  { low, high }: NonNullable<RankCurve['band']>,
  x: Axis,
  y: Axis,
): Markup {
  const path = bandOf<Point>(
    ([r]) => x(r),
    ([r]) => y(Math.max(low[r - 1], LEAST)),
    ([r]) => y(Math.max(high[r - 1], LEAST)),
  ).digits(2);
  const points = pointsOf(low).filter(([r]) => isDrawable(high[r - 1]));
  return element('path', { class: `band ${armClass(look)}`, d: path(points) ?? '' });
}

function whiskers({ marks = [], look }: RankCurve, x: Axis, y: Axis): Markup[] {
  return marks
    .filter(({ mean, interval }) => isDrawable(mean) && interval.every(isDrawable))
    .map(({ k, mean, interval }) =>
      element(
        'g',
        { class: `whisker ${armClass(look)}` },
        element('line', { x1: x(k), x2: x(k), y1: y(interval[0]), y2: y(interval[1]) }),
        element('circle', { cx: x(k), cy: y(mean), r: 2.6 }),
      ),
    );
}
