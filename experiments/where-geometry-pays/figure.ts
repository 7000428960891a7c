import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type MultiplePanel,
  type MultiplesInput,
  multiplesFigure,
  renderMultiplesReport,
  standaloneFigure,
} from '../../src/index.js';
import type { Row, Scale } from '../experiment.js';
import { AGAIN, lines, type Measured } from './table.js';

/** Sizes of a run, for its page. */
export interface Counts {
  readonly scale: Scale;
  readonly seeds: number;
  readonly nodes: number;
  readonly train: { readonly words: number; readonly classes: number };
  readonly test: { readonly words: number; readonly classes: number };
}

const PANELS: readonly (readonly [loss: string, metric: string, title: string, unit: string])[] = [
  ['codes', 'distortion', 'Codes of the known tree', 'distortion, less is better'],
  ['codes', 'neighborMap', 'Codes: parent and children', 'MAP, more is better'],
  ['onto codes', 'mapAtR', 'Heads onto codes: flat classes', 'MAP@R, more is better'],
  ['onto codes', 'steps', 'Heads onto codes: nearest code', 'edges to the place, less is better'],
  ['onto codes', 'amidSteps', 'Heads onto codes: amid several', 'edges to the place, less is better'],
  ['hierarchical', 'mapAtR', 'Hierarchical loss: flat classes', 'MAP@R, more is better'],
  ['hierarchical', 'steps', 'Hierarchical loss: nearest word', 'edges to the place, less is better'],
  ['hierarchical', 'amidSteps', 'Hierarchical loss: amid several', 'edges to the place, less is better'],
  ['flat', 'mapAtR', 'Flat loss: flat classes', 'MAP@R, more is better'],
];

/** Writes figure.svg and report.html. */
export function writeFigure(
  out: string,
  measured: readonly Measured[],
  rows: readonly Row[],
  counts: Counts,
): void {
  const figure: MultiplesInput = {
    id: 'where-geometry-pays',
    title: 'Quality by numbers a point, a line a space',
    xLabel: 'numbers a point, offset counted',
    panels: PANELS.map(([loss, metric, title, unit]) => panel(measured, loss, metric, title, unit)),
  };
  writeFileSync(join(out, 'figure.svg'), standaloneFigure(multiplesFigure(figure)));
  writeFileSync(join(out, 'report.html'), page(figure, rows, counts));
}

function panel(
  measured: readonly Measured[],
  loss: string,
  metric: string,
  title: string,
  unit: string,
): MultiplePanel {
  const own = measured.filter((m) => m.metric === metric && m.cell.loss === loss && m.cell.space !== AGAIN);
  return {
    title,
    unit,
    lines: lines(own).map((line) => ({
      name: line[0].cell.space,
      tone: toneOf(line[0].cell.space),
      dashed: line[0].cell.space.endsWith('+star') || line[0].cell.space === 'euclidean-hyperbolic',
      points: line.map(({ cell, mean, low, high }) => ({ x: cell.dim, y: mean, low, high })),
    })),
  };
}

function toneOf(space: string): 'euclidean' | 'cosine' | 'hyperbolic' | 'product' {
  if (space.includes('-')) return 'product';
  if (space.startsWith('cosine')) return 'cosine';
  return space.startsWith('hyperbolic') ? 'hyperbolic' : 'euclidean';
}

function page(
  figure: MultiplesInput,
  rows: readonly Row[],
  { scale, seeds, nodes, train, test }: Counts,
): string {
  const table = (caption: string, header: string, own: readonly Row[]) => ({
    caption,
    rows: [
      [header, 'metric', 'mean', 'interval'],
      ...own.map(({ arm, metric, mean, low, high }) => [
        arm,
        metric,
        mean.toFixed(3),
        `${low.toFixed(3)} to ${high.toFixed(3)}`,
      ]),
    ],
  });
  return renderMultiplesReport({
    title: 'Where geometry pays',
    lead:
      `${train.words} words of ${train.classes} classes train; ${test.words} words of ${test.classes} other classes ` +
      `are retrieved, and placed among ${nodes} nodes of WordNet.`,
    figure,
    reading:
      'Across: numbers that are stored for each point. A line is a space; broken where each point has an offset, or ' +
      'for Euclidean beside hyperbolic. Bars hold 95 % of a thousand draws of seeds and test classes.',
    finding:
      `${seeds === 1 ? 'One seed: the bars say nothing of seeds' : `${seeds} seeds`}. Each value has the setting ` +
      'that validation classes chose for its space, number and measure.',
    tables: [
      table(
        'What a measure owes to space, setting and seed',
        'range',
        rows.filter(({ arm }) => arm.includes(' range by ')),
      ),
      table(
        'Bytes a point for the same quality',
        'arm',
        rows.filter(({ metric }) => metric.startsWith('bytes ')),
      ),
    ],
    origin: [
      ['Scale', scale],
      ['Command', `npm run experiment -- where-geometry-pays --scale ${scale}`],
    ],
  });
}
