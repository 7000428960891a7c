import { join } from 'node:path';
import { isCheckpoint, TRAINING_FILE, writeCheckpoint } from '../../checkpoint/checkpoint.js';
import { writeTrainingState } from '../../checkpoint/trainingState.js';
import { DomainError, expectation, UsageError } from '../../core/errors.js';
import { readJson, recoverFolder } from '../../core/files.js';
import { loadMnist } from '../../data/mnist.js';
import { firstImages } from '../../data/split.js';
import { openEngine } from '../../engine/openEngine.js';
import { parseModelConfig } from '../../model/config.js';
import { modelKind } from '../../model/modelKind.js';
import { checkpointOf } from '../../model/openModel.js';
import { trainModel } from '../../model/trainModel.js';
import { requireModelDestination } from '../destination.js';
import { interruptSignal, noteLine, printJson, printLine } from '../output.js';
import type { TrainFlags } from './flags.js';
import { forgetTraining, interruptedTraining, noteResumed } from './interrupted.js';
import { trainingReporter } from './reporter.js';

/** Encoder and heads as a config describes them. */
export async function trainConfigCommand(
  configPath: string,
  { out, resume = false, json }: TrainFlags,
): Promise<void> {
  const signal = interruptSignal(
    `training was interrupted; what is done is kept in ${out}, --resume goes on`,
  );
  requireModelDestination(out);
  recoverFolder(out);
  const content = readJson(configPath, 'config');
  if (modelKind(content) === 'vectors') {
    const remedy = 'name the files of vectors and labels';
    throw new UsageError(expectation(configPath, '--vectors beside a config of vectors', 'none', remedy));
  }
  const config = parseModelConfig(content, configPath);
  const images = firstImages(loadMnist('train'), config.data.train);
  const from = interruptedTraining(out, resume);
  if (resume && !from && isCheckpoint(out)) {
    if (json) printJson({ model: out, complete: true });
    else printLine(`the training in ${out} is complete`);
    return;
  }
  const engine = await openEngine({ onNotice: noteLine });
  if (from) noteResumed(from, config.training.steps, engine.name);
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
