import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type MultiplePanel,
  type MultiplesInput,
  multiplesFigure,
  standaloneFigure,
} from '../../src/index.js';
import { AGAIN, lines, type Measured } from './table.js';

const PANELS: readonly (readonly [loss: string, metric: string, title: string, unit: string])[] = [
  ['codes of mammals', 'distortion', 'Codes of mammals', 'distortion, less is better'],
  ['codes of mammals', 'neighborMap', 'Codes of mammals: neighbours', 'MAP of parent and children'],
  ['codes of food', 'distortion', 'Codes of food', 'distortion, less is better'],
  ['onto codes', 'steps', 'Words onto codes: nearest code', 'edges to the place, less is better'],
  ['onto codes', 'amidSteps', 'Words onto codes: amid several', 'edges to the place, less is better'],
  ['onto codes', 'mapAtR', 'Words onto codes: flat classes', 'MAP@R, more is better'],
  ['hierarchical', 'steps', 'Hierarchical loss: nearest word', 'edges to the place, less is better'],
  ['hierarchical', 'amidSteps', 'Hierarchical loss: amid several', 'edges to the place, less is better'],
  ['flat', 'mapAtR', 'Flat loss: flat classes', 'MAP@R, more is better'],
];

/** Writes figure.svg. */
export function writeFigure(out: string, measured: readonly Measured[]): void {
  const figure: MultiplesInput = {
    id: 'where-geometry-pays',
    title: 'Quality by numbers a point, a line a space',
    xLabel: 'numbers a point, offset counted',
    panels: PANELS.map(([loss, metric, title, unit]) => panel(measured, loss, metric, title, unit)),
  };
  writeFileSync(join(out, 'figure.svg'), standaloneFigure(multiplesFigure(figure)));
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
