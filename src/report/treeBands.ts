import { line } from 'd3';
import type { EdgeBand } from '../evaluation/treeCodes.js';
import { type Area, axisBottom, axisLeft, linearAxis } from './axes.js';
import { drawing, element, emptyDrawing, type Markup } from './svg.js';

const AREA: Area = { left: 46, right: 428, top: 20, bottom: 300 };

/** Distances of codes by distance in the tree: median, the middle 80 %, and the line where both agree. */
export function bandsFigure(bands: readonly EdgeBand[]): Markup {
  const frame = { id: 'tree-bands', title: 'Code distance by tree distance', width: 440, height: 350 };
  if (bands.length === 0) return emptyDrawing(frame);
  const last = bands[bands.length - 1].edges;
  const x = linearAxis(0, last).range([AREA.left, AREA.right]);
  const y = linearAxis(0, Math.max(last, ...bands.map((band) => band.high))).range([AREA.bottom, AREA.top]);
  const medians = line<EdgeBand>(
    (band) => x(band.edges),
    (band) => y(band.median),
  ).digits(2)(bands);
  return drawing(
    { ...frame, description: `Medians and middle 80 % of code distances at ${bands.length} tree distances.` },
    axisBottom(x, AREA, 'edges between two nodes'),
    axisLeft(y, AREA, 'distance between their codes'),
    element('path', { class: 'ring', d: `M${x(0)} ${y(0)}L${x(last)} ${y(last)}` }),
    ...bands.map((band) =>
      element('line', {
        ...{ class: 'rule', 'stroke-width': 5, opacity: 0.5 },
        ...{ x1: x(band.edges), x2: x(band.edges), y1: y(band.low), y2: y(band.high) },
      }),
    ),
    element('path', { class: 'boundary', d: medians ?? '' }),
  );
}
