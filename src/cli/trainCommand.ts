import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { isCheckpoint, TRAINING_FILE, writeCheckpoint } from '../checkpoint/checkpoint.js';
import { readTrainingState, type TrainingState, writeTrainingState } from '../checkpoint/trainingState.js';
import { DomainError, expectation, UsageError } from '../core/errors.js';
import { readJson, recoverFolder } from '../core/files.js';
import type { StepEvent } from '../core/records.js';
import { loadMnist } from '../data/mnist.js';
import { firstImages } from '../data/split.js';
import { openEngine } from '../engine/openEngine.js';
import { parseModelConfig } from '../model/config.js';
import { checkpointOf } from '../model/openModel.js';
import { trainModel } from '../model/trainModel.js';
import { collapseWarning } from '../training/monitor.js';
import { requireModelDestination } from './destination.js';
import { wholeNumber as whole } from './flags.js';
import { interruptSignal, noteLine, printJson, printLine } from './output.js';
import { Progress } from './progress.js';
import { type TreeFlags, trainTreeCommand } from './treeCommand.js';

/** Shows each event on the progress bar; a collapse is warned of once. */
export function trainingReporter(title: string): (event: StepEvent) => void {
  const progress = new Progress(title);
  let warned = false;
  return (event) => {
    const { step, steps, loss, parts } = event;
    const warning = collapseWarning(event);
    if (warning && !warned) {
      warned = true;
      noteLine(`warning ${warning}`);
    }
    const lossNow = `loss ${loss.toFixed(3)}`;
    const hardness = `p(x-) ${parts['pEuclidean'].toFixed(2)} / ${parts['pPoincare'].toFixed(2)}`;
    if (step < steps) progress.update(step, steps, 'steps', `${lossNow}, ${hardness}`);
    else progress.finish(`${steps} steps, ${lossNow}`);
  };
}

interface TrainFlags {
  readonly out: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

async function train(configPath: string, { out, resume = false, json }: TrainFlags): Promise<void> {
  const signal = interruptSignal(
    `training was interrupted; what is done is kept in ${out}, --resume goes on`,
  );
  requireModelDestination(out);
  recoverFolder(out);
  const config = parseModelConfig(readJson(configPath, 'config'), configPath);
  const images = firstImages(loadMnist('train'), config.data.train);
  const from = interruptedTraining(out, resume);
  if (resume && !from && isCheckpoint(out)) {
    if (json) printJson({ model: out, complete: true });
    else printLine(`the training in ${out} is complete`);
    return;
  }
  const engine = await openEngine({ onNotice: noteLine });
  if (from) noteLine(`going on after step ${from.step} of ${config.training.steps}`);
  if (from && from.engine !== engine.name) {
    noteLine(
      `warning begun on ${from.engine}, goes on with ${engine.name}: the metrics will differ in the last digits`,
    );
  }
  const { model, history } = await trainModel(config, images, {
    from,
    onEvent: trainingReporter('training'),
    onState: (state) => writeTrainingState(join(out, TRAINING_FILE), state),
    saveEvery: config.training.reportEvery,
    signal,
  }).catch((error: unknown) => {
    if (error instanceof DomainError) forgetTraining(out);
    throw error;
  });
  try {
    writeCheckpoint(out, await checkpointOf(model, history, engine.name));
  } finally {
    model.dispose();
  }
  const { loss, seconds } = history[history.length - 1];
  if (json) printJson({ model: out, engine: engine.name, steps: config.training.steps, loss, seconds });
  else printLine(`model in ${out}; next: gyrometric embed ${out} IMAGES.npy --out E.npz`);
}

/** After a divergence: the same config would diverge again, and another one cannot go on from the state. */
function forgetTraining(out: string): void {
  rmSync(join(out, TRAINING_FILE), { force: true });
  if (existsSync(out) && readdirSync(out).length === 0) rmdirSync(out);
}

/** @throws UsageError when there is one and the caller did not ask to go on */
function interruptedTraining(out: string, resume: boolean): TrainingState | undefined {
  const state = readTrainingState(join(out, TRAINING_FILE));
  if (!state || resume) return state;
  throw new UsageError(
    expectation(
      out,
      'no interrupted training',
      `one that made ${state.step} steps`,
      'go on with --resume, or delete the folder to start anew',
    ),
  );
}

/** One of both: a config of a network, or a tree with or without a config of its codes. */
function trainAny(configPath: string | undefined, flags: TrainFlags & Partial<TreeFlags>): Promise<void> {
  if (flags.tree === undefined) {
    if (configPath !== undefined) return train(configPath, flags);
    throw new UsageError(expectation('train', 'a config file or --tree', 'neither', 'add --help for usage'));
  }
  if (!flags.resume) return trainTreeCommand(configPath, { ...flags, tree: flags.tree });
  throw new UsageError(expectation('train --tree', 'no --resume', '--resume', 'a tree is trained anew'));
}

export function registerTrainCommand(program: Command): void {
  program
    .command('train')
    .argument('[config]', 'a config file; gyrometric config quickstart prints one')
    .description(
      'train an invariant encoder with a Euclidean and a Poincaré head, or with --tree codes of a taxonomy',
    )
    .requiredOption('--out <folder>', 'where the model goes')
    .option('--resume', 'go on with the training that was interrupted in this folder')
    .option('--tree <file>', 'edges of a tree, one a line: child, tab, parent')
    .option('--dim <count>', 'tree: numbers kept a node, the offset included (default: 3)', whole('--dim', 1))
    .option('--space <name>', 'tree: hyperbolic, euclidean or sphere (default: hyperbolic)')
    .option('--star', 'tree: add one offset a node to the distances (default from --dim 3 on)')
    .option('--no-star', 'tree: no offsets')
    .option('--first-parent', 'tree: keep the first of several parents of a node')
    .option('--compare', 'tree: train other spaces with as many numbers as well')
    .option('--seed <number>', 'tree: the same seed gives the same codes', whole('--seed', 0, 2 ** 32 - 1))
    .option('--json', 'JSON on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  gyrometric config quickstart > digits.json\n  gyrometric train digits.json --out model' +
        '\n  gyrometric train --tree taxonomy.tsv --dim 3 --out codes',
    )
    .action(trainAny);
}
