import type { Command } from 'commander';
import { writeCheckpoint } from '../checkpoint/checkpoint.js';
import { readJson } from '../core/files.js';
import type { StepEvent } from '../core/records.js';
import { loadMnist } from '../data/mnist.js';
import { firstImages } from '../data/split.js';
import { openEngine } from '../engine/openEngine.js';
import { parseModelConfig } from '../model/config.js';
import { checkpointOf } from '../model/openModel.js';
import { trainModel } from '../model/trainModel.js';
import { collapseWarning } from '../training/monitor.js';
import { interruptSignal, noteLine, printJson, printLine } from './output.js';
import { Progress } from './progress.js';

/** Shows each event on the progress bar; a collapse is warned of once. */
export function trainingReporter(title: string): (event: StepEvent) => void {
  const progress = new Progress(title);
  let warned = false;
  return (event) => {
    const { step, steps, loss, parts } = event;
    progress.update(
      step,
      steps,
      'steps',
      `loss ${loss.toFixed(3)}, p(x-) ${parts['pEuclidean'].toFixed(2)} / ${parts['pPoincare'].toFixed(2)}`,
    );
    const warning = collapseWarning(event);
    if (warning && !warned) {
      warned = true;
      noteLine(`\nwarning ${warning}`);
    }
    if (step === steps) progress.finish(`${steps} steps, loss ${loss.toFixed(3)}`);
  };
}

async function train(configPath: string, options: { out: string; json?: boolean }): Promise<void> {
  const config = parseModelConfig(readJson(configPath, 'config'), configPath);
  const images = firstImages(loadMnist('train'), config.data.train);
  const engine = await openEngine({ onNotice: noteLine });
  const { model, history } = await trainModel(config, images, {
    onEvent: trainingReporter('training'),
    signal: interruptSignal('training was interrupted; nothing was written'),
  });
  try {
    writeCheckpoint(options.out, await checkpointOf(model, history, engine.name));
  } finally {
    model.dispose();
  }
  const { loss, seconds } = history[history.length - 1];
  if (options.json)
    printJson({ model: options.out, engine: engine.name, steps: config.training.steps, loss, seconds });
  else printLine(`model in ${options.out}; next: gyrometric embed ${options.out} IMAGES.npy --out E.npz`);
}

export function registerTrainCommand(program: Command): void {
  program
    .command('train')
    .argument('<config>', 'a config file; gyrometric config quickstart prints one')
    .description('train an invariant encoder with a Euclidean and a Poincaré head')
    .requiredOption('--out <folder>', 'where the model goes')
    .option('--json', 'JSON on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  gyrometric config quickstart > digits.json\n  gyrometric train digits.json --out model',
    )
    .action(train);
}
