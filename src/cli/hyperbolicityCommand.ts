import type { Command } from 'commander';
import { expectation, ShapeError } from '../core/errors.js';
import { readJson } from '../core/files.js';
import { parseSpace, type Space } from '../core/space.js';
import { type HyperbolicityReport, measureHyperbolicity } from '../evaluation/hyperbolicity.js';
import { type SaturationReport, saturation } from '../evaluation/saturation.js';
import { requirePoints } from '../geometry/points.js';
import { wholeNumber } from './flags.js';
import { printJson, printLine } from './output.js';
import { Progress } from './progress.js';
import { readVectors } from './vectorFile.js';

interface HyperbolicityFlags {
  readonly space?: string;
  readonly seed: number;
  readonly json?: boolean;
}

function hyperbolicity(path: string, { space: file, seed, json }: HyperbolicityFlags): void {
  const { vectors: points } = readVectors(path, 'hyperbolicity');
  if (points.rows === 0 || points.columns === 0) {
    const got = `${points.rows} x ${points.columns}`;
    throw new ShapeError(expectation(path, 'at least one row and column', got, 'pass other points'));
  }
  const space: Space =
    file === undefined
      ? { kind: 'euclidean', dim: points.columns }
      : parseSpace(readJson(file, '--space'), file);
  requirePoints(space, points, path);
  const progress = new Progress('hyperbolicity');
  const found = measureHyperbolicity(space, points, {
    seed,
    onProgress: (done, total) => progress.update(done, total, 'subsets'),
  });
  if (found.sampled) progress.finish(`${found.subsets?.count} subsets measured`);
  const radii = saturation(space, points);
  if (json) printJson(radii.length > 0 ? { ...found, saturation: radii } : found);
  else {
    printReport(found, space);
    for (const factor of radii) printSaturation(factor);
  }
}

function printReport(found: HyperbolicityReport, space: Space): void {
  const { delta, diameter, deltaRel, interval, deltaFourPoint, suggestedCurvature: curvature } = found;
  const { n, sampled, subsets, quadruples } = found;
  const line = (name: string, value: number | null, note: string) =>
    printLine(`${name.padEnd(18)} ${(value?.toPrecision(4) ?? 'none').padStart(10)}  ${note}`);
  line('delta', delta, `Gromov product at row 0${sampled ? ', at least' : ''}`);
  line('diameter', diameter, `largest distance${sampled ? ', at least' : ''}`);
  line('delta relative', deltaRel, '2 delta / diameter; 0 for a tree');
  line('delta, four points', deltaFourPoint, quadruples ? `at least; ${quadruples} quadruples` : 'exact');
  line('curvature', curvature, curvature === null ? 'no finite one fits' : '-(0.144 / delta relative)²');
  printLine('');
  if (sampled)
    printLine('Too many rows to compare all: delta and diameter are the largest of random subsets.');
  if (subsets) {
    const [low, high] = interval.map((value) => value.toPrecision(4));
    const those = `${subsets.count} random subsets of ${subsets.rows} rows`;
    printLine(`delta relative is ${low} to ${high} in 95 % of ${those}.`);
  }
  printLine(`${n} rows, ${space.kind} distances.`);
}

function printSaturation({ column, space, radius, crowded, blurred }: SaturationReport): void {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const [, low, median, high, max] = radius.map((r) => r.toPrecision(3));
  printLine('');
  printLine(`Radius of the ${space.kind} factor from column ${column} on: median ${median}, largest ${max};`);
  printLine(`nine of ten rows between ${low} and ${high}. Within 5 % of the largest: ${percent(crowded)};`);
  printLine(`moved by more than 0.01 when rounded to float32: ${percent(blurred)}.`);
}

export function registerHyperbolicityCommand(program: Command): void {
  program
    .command('hyperbolicity')
    .argument('<points>', 'X.npy [n, columns], float32 or float64, or .npz (its `vectors`)')
    .description('how tree-like points are, and the curvature that fits them')
    .option('--space <file>', 'JSON of the space that the points lie in (default: euclidean)')
    .option('--seed <number>', 'of random subsets and quadruples', wholeNumber('--seed', 0, 2 ** 32 - 1), 1)
    .option('--json', 'JSON on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  gyrometric hyperbolicity X.npy\n  gyrometric hyperbolicity model/embeddings.npz --space model/space.json --json',
    )
    .action(hyperbolicity);
}
