import { type Area, axisBottom } from '../axes.js';
import { number } from '../format.js';
import { LEAST, probabilityAxis, quantileGrid, shareOfBins } from '../histogram.js';
import { drawable, meanOf } from '../statistics.js';
import { drawing, element, emptyDrawing, type Markup, round, text } from '../svg.js';
import { armClass } from './arms.js';

export interface Ridge {
  readonly name: string;
  /** One probability an anchor. */
  readonly values: ArrayLike<number>;
}

const WIDTH = 440;
const LEFT = 12;
const RIGHT = 428;
const ROW = 74;

/** Histograms of probabilities over anchors, one below the other over one axis, each with its mean. */
export function ridgeFigure(
  ridges: readonly Ridge[],
  frame: { readonly id: string; readonly title: string; readonly quantity: string },
): Markup {
  const { id, title, quantity } = frame;
  const samples = ridges.map(({ values }) => drawable(values));
  const size = { id, title, width: WIDTH, height: 12 + ROW * Math.max(2, ridges.length) + 50 };
  if (samples.some((values) => values.length === 0) || samples.length === 0) return emptyDrawing(size);
  const area: Area = { left: LEFT, right: RIGHT, top: 6, bottom: 12 + ROW * ridges.length };
  const x = probabilityAxis(Float64Array.from(samples.flatMap(quantileGrid))).range([LEFT, RIGHT]);
  const means = ridges.map(({ name }, arm) => `${name}: mean ${number(meanOf(samples[arm]))}`);
  return drawing(
    { ...size, height: area.bottom + 50, description: `${quantity}, over anchors. ${means.join('; ')}.` },
    axisBottom(x, area, quantity),
    ...ridges.map(({ name }, arm) => {
      const shares = shareOfBins(samples[arm], x);
      const base = 12 + ROW * (arm + 1);
      const at = x(Math.max(meanOf(samples[arm]), LEAST));
      const right = at > (LEFT + RIGHT) / 2;
      return element(
        'g',
        { class: `mark ${armClass(arm)}` },
        element('path', { class: 'ridge', d: bars(shares, base) }),
        element('line', { x1: at, x2: at, y1: base - ROW + 14, y2: base }),
        element(
          'text',
          { x: right ? at - 6 : at + 6, y: base - ROW + 24, 'text-anchor': right ? 'end' : 'start' },
          text(`${name}, mean ${number(meanOf(samples[arm]))}`),
        ),
      );
    }),
  );
}

/** The tallest bar of each histogram fills its row: shapes are compared, not heights. */
function bars(shares: readonly number[], base: number): string {
  const step = (RIGHT - LEFT) / shares.length;
  const top = Math.max(...shares);
  return shares
    .map((share, i) => {
      if (share === 0) return '';
      const up = round(base - ((ROW - 30) * share) / top);
      return `M${round(LEFT + i * step + 0.5)} ${round(base)}V${up}h${round(step - 1)}V${round(base)}z`;
    })
    .join('');
}
