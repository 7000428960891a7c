import { extent, line } from 'd3';
import type { PairSample } from '../../evaluation/distances/distanceReport.js';
import type { NeighborRecallPoint } from '../../evaluation/distances/neighborRecall.js';
import { axisBottom, axisLeft, linearAxis } from '../axes.js';
import { panel } from '../history.js';
import { AREA, density, LEVELS } from '../shepard.js';
import { drawableTogether, quantiles, runningMedian } from '../statistics.js';
import { drawing, element, emptyDrawing, type Markup } from '../svg.js';

const GROUPS = 30;
/** Pairs drawn: more would not change the picture. */
const DRAWN = 100_000;

/** Shepard diagram: distance of codes against distance of inputs, as density, with the running median and the best scale. */
export function shepardPairsFigure({ input, code }: PairSample, scale: number): Markup {
  const frame = {
    id: 'shepard',
    title: 'Distances of codes against those of inputs',
    width: 440,
    height: 350,
  };
  const all = drawableTogether(input, code);
  const pairs = all.filter((_, at) => at % Math.ceil(all.length / DRAWN) === 0);
  if (pairs.length === 0) return emptyDrawing(frame);
  const [inputStart, inputEnd] = extent(pairs, (i) => input[i]) as [number, number];
  // One far pair must not press all others into a corner.
  const [codeEnd] = quantiles(
    Array.from(pairs, (i) => code[i]),
    [0.999],
  );
  const x = linearAxis(Math.min(0, inputStart), inputEnd).clamp(true).range([AREA.left, AREA.right]);
  const y = linearAxis(0, codeEnd).clamp(true).range([AREA.bottom, AREA.top]);
  const curve = line<readonly [number, number]>(
    (p) => x(p[0]),
    (p) => y(p[1]),
  ).digits(2);
  const ends: [number, number][] =
    scale > 0
      ? [
          [0, 0],
          [Math.min(inputEnd, scale * codeEnd), Math.min(inputEnd / scale, codeEnd)],
        ]
      : [];
  return drawing(
    { ...frame, description: `${pairs.length} pairs.` },
    ...density(pairs, (i) => [x(input[i]), y(code[i])]).map((d, level) =>
      element('path', { class: 'cells euclidean', opacity: (level + 1) / LEVELS, d }),
    ),
    axisBottom(x, AREA, 'distance between the inputs'),
    axisLeft(y, AREA, 'distance between their codes'),
    element('path', { class: 'diagonal', fill: 'none', d: curve(ends) ?? '' }),
    element(
      'g',
      { class: 'median' },
      element('path', { class: 'line', d: curve(runningMedian(input, code, pairs, GROUPS)) ?? '' }),
    ),
  );
}

/** Neighbour recall of training and test points over the training. */
export function neighborRecallFigure(history: readonly NeighborRecallPoint[]): Markup {
  const names = [...new Set(history.flatMap(({ recall }) => Object.keys(recall)))];
  return panel(
    names.map((name) => ({
      name,
      points: history
        .filter(({ recall }) => name in recall)
        .map(({ step, recall }) => [step, recall[name]] as const),
    })),
    {
      id: 'neighbor-recall',
      title: 'Neighbours kept during training',
      unit: 'share of nearest inputs among nearest codes',
      over: 'steps',
    },
  );
}
