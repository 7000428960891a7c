import { line } from 'd3';
import type { HardnessComparison } from '../core/records.js';
import { axisBottom, axisLeft, linearAxis } from './axes.js';
import { isDrawable, percent } from './format.js';
import { probabilityAxis } from './histogram.js';
import { drawableTogether, thin } from './statistics.js';
import { drawing, element, emptyDrawing, type Markup, round, text } from './svg.js';

const AREA = { left: 46, right: 428, top: 40, bottom: 300 };
const SIZE = { width: 440, height: 350 };

/** How many of the r hardest negatives both spaces share, against r. */
export function overlapFigure({ overlap }: HardnessComparison): Markup {
  const frame = { ...SIZE, id: 'hard-overlap', title: 'Hard negatives that both spaces share' };
  const points = [...overlap]
    .map((share, i): [number, number] => [i + 1, share])
    .filter(([, share]) => isDrawable(share));
  if (points.length === 0) return emptyDrawing(frame);
  const x = linearAxis(Math.min(1, points[0][0]), points[points.length - 1][0]).range([
    AREA.left,
    AREA.right,
  ]);
  const y = linearAxis(0, 1).clamp(true).range([AREA.bottom, AREA.top]);
  const curve = line<[number, number]>(
    ([r]) => x(r),
    ([, share]) => y(share),
  ).digits(2);
  const ends = points.length === 1 ? points : [points[0], points[points.length - 1]];
  const shares = ends.map(([r, share]) => `${percent(share, 0)} at r = ${r}`).join(', ');
  return drawing(
    { ...frame, description: `Mean share of the r hardest negatives found in both spaces: ${shares}.` },
    axisBottom(x, AREA, 'r, number of hardest negatives compared'),
    axisLeft(y, AREA, 'shared by both spaces', { format: (v) => percent(v, 0) }),
    element('path', { class: 'curve', d: curve(points) ?? '' }),
    ...ends.map(([r, share], i) =>
      element(
        'g',
        { class: 'end' },
        element('circle', { cx: x(r), cy: y(share), r: 4 }),
        element(
          'text',
          {
            x: x(r) + (i === 0 ? 8 : 0),
            y: y(share) + (y(share) < AREA.top + 30 ? 20 : -10),
            'text-anchor': i === 0 ? 'start' : 'end',
          },
          text(percent(share, 0)),
        ),
      ),
    ),
  );
}

/** Probability of the hardest negative in both spaces, one mark an anchor, at most 1,500 marks. */
export function hardestFigure({ euclidean, hyperbolic }: HardnessComparison): Markup {
  const frame = { ...SIZE, id: 'hardest-pairs', title: 'Weight of the hardest negative in both spaces' };
  const all = drawableTogether(euclidean.hardestP, hyperbolic.hardestP);
  if (all.length === 0) return emptyDrawing(frame);
  const shown = [...thin(all, 1500)];
  const both = shown.flatMap((i) => [euclidean.hardestP[i], hyperbolic.hardestP[i]]);
  const x = probabilityAxis(both).range([AREA.left, AREA.right]);
  const y = probabilityAxis(both).range([AREA.bottom, AREA.top]);
  const at = (i: number) => `M${round(x(euclidean.hardestP[i]))} ${round(y(hyperbolic.hardestP[i]))}`;
  const agrees = (i: number) => euclidean.hardest[i] === hyperbolic.hardest[i];
  const dots = shown.filter(agrees).map((i) => `${at(i)}h0`);
  const crosses = shown.filter((i) => !agrees(i)).map((i) => `${at(i)}m-2.5 -2.5l5 5m0 -5l-5 5`);
  return drawing(
    {
      ...frame,
      description: `${shown.length} anchors; marks above the diagonal weigh more in hyperbolic space.`,
    },
    axisBottom(x, AREA, 'p of the hardest negative, Euclidean'),
    axisLeft(y, AREA, 'p of the hardest negative, hyperbolic'),
    element('line', { class: 'diagonal', x1: AREA.left, x2: AREA.right, y1: AREA.bottom, y2: AREA.top }),
    element('path', { class: 'agree', d: dots.join('') }),
    element('path', { class: 'disagree', d: crosses.join('') }),
  );
}
