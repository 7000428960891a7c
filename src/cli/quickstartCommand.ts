import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Metrics } from '../core/records.js';
import { loadMnist } from '../data/mnist.js';
import { firstImages } from '../data/split.js';
import { openEngine } from '../engine/openEngine.js';
import { presetConfig } from '../model/presets.js';
import { formatTable } from '../report/table.js';
import { outColors } from './colors.js';
import { requireFolderDestination, requireModelDestination } from './destination.js';
import { wholeNumber } from './flags.js';
import { interruptSignal, noteLine, printJson, printLine } from './output.js';
import { runQuickstart } from './quickstart/run.js';
import { trainingReporter } from './trainCommand.js';

interface QuickstartFlags {
  readonly out: string;
  readonly seed: number;
  readonly json?: boolean;
}

async function quickstart({ out, seed, json }: QuickstartFlags): Promise<void> {
  const signal = interruptSignal('quickstart was interrupted');
  requireFolderDestination(out);
  requireModelDestination(join(out, 'model'));
  const config = { ...presetConfig('quickstart'), seed };
  const baseline = { ...presetConfig('plain'), seed };
  const train = firstImages(loadMnist('train'), config.data.train);
  const test = loadMnist('test');
  const engine = await openEngine({ onNotice: noteLine });
  noteLine(
    `engine ${engine.version}; ${train.count} digits to train on, ${test.count} to test, seed ${seed}`,
  );
  const metrics = await runQuickstart({
    engine,
    config,
    baseline,
    train,
    test,
    out,
    signal,
    onPhase: (phase) => {
      if (phase.startsWith('training')) return trainingReporter(phase);
      noteLine(`${phase} ...`);
      return () => {};
    },
  });
  if (json) printJson(metrics);
  else printSummary(metrics, out);
}

const ARMS: readonly (readonly [keyof Metrics['retrieval'], string])[] = [
  ['ensemble', 'both heads (ensemble)'],
  ['euclidean', 'Euclidean head'],
  ['hyperbolic', 'Poincaré head'],
  ['noInvariance', 'without invariance'],
  ['rawPixels', 'raw pixels'],
];

function printSummary({ retrieval, equivariance, index, negatives, seconds }: Metrics, out: string): void {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  printLine('');
  printLine(
    formatTable([
      ['', 'R@1', 'R@10', 'MAP@R'],
      ...ARMS.map(([arm, name]) => {
        const { recallAt1, recallAt10, mapAtR } = retrieval[arm];
        return [name, percent(recallAt1), percent(recallAt10), percent(mapAtR)];
      }),
    ]),
  );
  printLine('');
  printLine(
    `turning a digit changes its code by ${percent(equivariance.codeRelativeChange)} of the distance between two digits; ` +
      `orientation is off by ${equivariance.orientationErrorDegrees.toFixed(1)} degrees`,
  );
  printLine(
    `index (${index.engine}): recall@10 ${percent(index.recallAt10)}, ${index.unreachable} unreachable; ` +
      `hardest negatives differ between the geometries for ${percent(negatives.hardestDiffer)} of the digits`,
  );
  printLine(`training ${seconds.train.toFixed(0)} s, everything ${seconds.total.toFixed(0)} s`);
  printLine(`\nopen ${outColors.bold(resolve(join(out, 'report.html')))}`);
}

export function registerQuickstartCommand(program: Command): void {
  program
    .command('quickstart')
    .description('the whole job on turned handwritten digits: train, embed, index, query, report')
    .option('--out <folder>', 'where everything goes', 'gyrometric-quickstart')
    .option(
      '--seed <number>',
      'the same seed gives the same metrics on the same engine',
      wholeNumber('--seed', 0, 2 ** 32 - 1),
      1,
    )
    .option('--json', 'metrics as JSON on stdout')
    .addHelpText('after', '\nExample:\n  gyrometric quickstart --out digits --seed 1')
    .action(quickstart);
}
