import { bin, max } from 'd3';
import { type Axis, axisBottom, axisLeft, linearAxis, logAxis } from './axes.js';
import { number } from './format.js';
import { drawable, meanOf, quantiles } from './statistics.js';
import { type Drawing, drawing, element, emptyDrawing, type Markup, round, text } from './svg.js';

export interface TwoSamples {
  readonly euclidean: ArrayLike<number>;
  readonly hyperbolic: ArrayLike<number>;
}

const AREA = { left: 46, right: 428, top: 40, bottom: 300 };
const BINS = 36;
/** Smallest probability with a place of its own; smaller ones, and 0, go to the first bar. */
export const LEAST = 1e-8;

/**
 * An axis for probabilities: powers of ten if half of the values lie below 0.05, where a linear axis would press
 * them into its first bars, linear otherwise.
 */
export function probabilityAxis(values: ArrayLike<number>): Axis {
  const [low, middle] = quantiles(values, [0.01, 0.5]);
  if (middle < 0.05) return logAxis(Math.min(0.1, Math.max(low, LEAST)), 1).clamp(true);
  return linearAxis(0, 1).clamp(true);
}

/** Two histograms of probabilities over one axis, the Euclidean one upwards, the hyperbolic one downwards. */
export function mirroredHistogram(
  samples: TwoSamples,
  frame: Pick<Drawing, 'id' | 'title'> & { readonly quantity: string },
): Markup {
  const size = { id: frame.id, title: frame.title, width: 440, height: 350 };
  const up = drawable(samples.euclidean);
  const down = drawable(samples.hyperbolic);
  if (up.length === 0 || down.length === 0) return emptyDrawing(size);
  const x = probabilityAxis(Float64Array.of(...quantileGrid(up), ...quantileGrid(down)));
  x.range([AREA.left, AREA.right]);
  const shares = [shareOfBins(up, x), shareOfBins(down, x)];
  const top = Math.max(...shares.map((s) => max(s)!));
  const middle = (AREA.top + AREA.bottom) / 2;
  // A fifth of room for the names above the tallest bars.
  const y = linearAxis(-1.2 * top, 1.2 * top).range([AREA.bottom, AREA.top]);
  const share = y.tickFormat(5, '%');
  return drawing(
    {
      ...size,
      description: `${frame.quantity}. Euclidean: mean ${number(meanOf(up))}, hyperbolic: mean ${number(meanOf(down))}.`,
    },
    axisBottom(x, AREA, frame.quantity),
    axisLeft(y, AREA, 'share of anchors', {
      count: 5,
      format: (v) => share(Math.abs(v)),
    }),
    element('path', { class: 'bars euclidean', d: bars(shares[0], middle, y) }),
    element('path', { class: 'bars hyperbolic', d: bars(shares[1], middle, (v) => y(-v)) }),
    element('line', { class: 'rule', x1: AREA.left, x2: AREA.right, y1: middle, y2: middle }),
    meanMark('euclidean', meanOf(up), x, [AREA.top, middle]),
    meanMark('hyperbolic', meanOf(down), x, [AREA.bottom, middle]),
  );
}

/** 101 quantiles stand for a sample of any size, so that both samples weigh the same. */
export function quantileGrid(values: Float64Array): number[] {
  return quantiles(
    values,
    Array.from({ length: 101 }, (_, i) => i / 100),
  );
}

export function shareOfBins(values: Float64Array, x: Axis): number[] {
  const [left, right] = x.range();
  const edges = Array.from({ length: BINS - 1 }, (_, i) => left + ((i + 1) * (right - left)) / BINS);
  const places = values.map((v) => x(Math.max(v, LEAST)));
  return bin<number, number>()
    .domain([left, right])
    .thresholds(edges)(places)
    .map((b) => b.length / values.length);
}

function bars(shares: readonly number[], base: number, y: (v: number) => number): string {
  const step = (AREA.right - AREA.left) / shares.length;
  return shares
    .map((share, i) =>
      share === 0
        ? ''
        : `M${round(AREA.left + i * step + 0.5)} ${round(base)}V${round(y(share))}h${round(step - 1)}V${round(base)}z`,
    )
    .join('');
}

function meanMark(
  head: 'euclidean' | 'hyperbolic',
  mean: number,
  x: Axis,
  [outer, base]: [number, number],
): Markup {
  const at = x(Math.max(mean, LEAST));
  const right = at > (AREA.left + AREA.right) / 2;
  return element(
    'g',
    { class: `mark ${head}` },
    element('line', { x1: at, x2: at, y1: outer, y2: base }),
    element(
      'text',
      {
        x: right ? at - 6 : at + 6,
        y: outer < base ? outer + 10 : outer - 4,
        'text-anchor': right ? 'end' : 'start',
      },
      text(`${head === 'euclidean' ? 'Euclidean' : 'hyperbolic'}, mean ${number(mean)}`),
    ),
  );
}
