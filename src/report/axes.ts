import type { ScaleLinear, ScaleLogarithmic } from 'd3';
import { scaleLinear, scaleLog } from 'd3';
import { element, join, type Markup, text } from './svg.js';

export type Axis = ScaleLinear<number, number> | ScaleLogarithmic<number, number>;

/** Where the data area of a panel lies in its drawing. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  '-': '⁻',
  ...Object.fromEntries([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].map((c, i) => [String(i), c])),
};

/** 10⁻³, 0.01, 0.1, 1, 10, 100, 10³: powers of ten as people read them. */
export function powerOfTen(value: number): string {
  const exponent = Math.round(Math.log10(value));
  if (exponent >= -2 && exponent <= 2) return String(10 ** exponent);
  return `10${[...String(exponent)].map((c) => SUPERSCRIPTS[c]).join('')}`;
}

/** Ticks with their text; on a log axis powers of ten alone, at most `count` of them, the largest included. */
export function ticksOf(scale: Axis, count: number): { value: number; label: string }[] {
  if (!isLog(scale)) {
    const format = scale.tickFormat(count);
    return scale.ticks(count).map((value) => ({ value, label: format(value).replace('−', '-') }));
  }
  const [low, high] = scale.domain().map((v) => Math.log10(v));
  const powers: number[] = [];
  for (let e = Math.ceil(low - 1e-9); e <= high + 1e-9; e++) powers.push(10 ** e);
  const every = Math.max(1, Math.ceil(powers.length / count));
  return powers
    .filter((_, i) => (powers.length - 1 - i) % every === 0)
    .map((value) => ({ value, label: powerOfTen(value) }));
}

export function isLog(scale: Axis): scale is ScaleLogarithmic<number, number> {
  return 'base' in scale;
}

/** A linear axis over [low, high] with round ends; widened where the two (almost) agree. */
export function linearAxis(low: number, high: number): ScaleLinear<number, number> {
  return scaleLinear().domain(widened(low, high)).nice(5);
}

function widened(low: number, high: number): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  // Below this the steps between ticks would be lost in the rounding of the values themselves.
  if (high - low > 1e-9 * size && high - low > 1e-12) return [low, high];
  return [low - 0.5 - 1e-3 * size, high + 0.5 + 1e-3 * size];
}

/** A linear axis over exactly [centre - half, centre + half], for figures whose two axes share a scale. */
export function squareAxis(centre: number, half: number): ScaleLinear<number, number> {
  const [low, high] = widened(centre - half, centre + half);
  return scaleLinear().domain([low, high]);
}

/** Most powers of ten that an axis spans; what lies lower is drawn on its lower end. */
const DECADES = 12;

/** An axis of powers of ten, from the decade of `low` (at most 12 below) to the decade of `high`; both > 0. */
export function logAxis(low: number, high: number): ScaleLogarithmic<number, number> {
  const to = Math.ceil(Math.log10(high) - 1e-9);
  const from = Math.max(to - DECADES, Math.min(to - 1, Math.floor(Math.log10(low) + 1e-9)));
  return scaleLog()
    .domain([10 ** from, 10 ** to])
    .clamp(true);
}

/**
 * The axis under `area`: ticks, their text, and what is measured in which unit.
 * @param ticksAt how many ticks, or the values that have one
 */
export function axisBottom(
  scale: Axis,
  area: Area,
  label: string,
  ticksAt: number | readonly number[] = 5,
): Markup {
  const all =
    typeof ticksAt === 'number'
      ? ticksOf(scale, ticksAt)
      : ticksAt.map((value) => ({ value, label: String(value) }));
  const ticks = all.map(({ value, label: tick }) => {
    const x = scale(value);
    return join([
      element('line', { class: 'grid', x1: x, x2: x, y1: area.top, y2: area.bottom }),
      element('text', { x, y: area.bottom + 18, 'text-anchor': 'middle' }, text(tick)),
    ]);
  });
  const middle = (area.left + area.right) / 2;
  return element(
    'g',
    { class: 'axis' },
    ...ticks,
    element('line', { class: 'rule', x1: area.left, x2: area.right, y1: area.bottom, y2: area.bottom }),
    element('text', { class: 'name', x: middle, y: area.bottom + 38, 'text-anchor': 'middle' }, text(label)),
  );
}

/** The axis left of `area`; its name stands above it, upright, so that nobody has to turn their head. */
export function axisLeft(
  scale: Axis,
  area: Area,
  label: string,
  { count = 5, format }: { readonly count?: number; readonly format?: (value: number) => string } = {},
): Markup {
  const ticks = ticksOf(scale, count).map(({ value, label: tick }) => {
    const y = scale(value);
    return join([
      element('line', { class: 'grid', x1: area.left, x2: area.right, y1: y, y2: y }),
      element(
        'text',
        { x: area.left - 8, y: y + 4, 'text-anchor': 'end' },
        text(format ? format(value) : tick),
      ),
    ]);
  });
  return element(
    'g',
    { class: 'axis' },
    ...ticks,
    element('text', { class: 'name', x: 2, y: area.top - 14 }, text(label)),
  );
}
