import { isDeepStrictEqual } from 'node:util';
import { type Checkpoint, readCheckpoint } from '../checkpoint/checkpoint.js';
import { expectation, FormatError, UsageError } from '../core/errors.js';
import type { StepEvent } from '../core/records.js';
import { parseModelConfig } from './config.js';
import { Model } from './model.js';
import { modelKind } from './modelKind.js';

/** What a trained model leaves on disk. */
export async function checkpointOf(
  model: Model,
  history: readonly StepEvent[],
  engine: string,
): Promise<Checkpoint> {
  const { config, height, width, lambda, network, space } = model;
  const last = history[history.length - 1];
  return {
    config,
    space,
    metrics: {
      schemaVersion: 1,
      seed: config.seed,
      engine,
      seconds: { train: last.seconds },
      parameters: network.parameters.size,
      loss: last.loss,
      history: history.map(({ seconds: _, ...event }) => event),
    },
    tensors: [...(await network.parameters.read()), ...(await network.statistics.read())],
    about: { engine, image: { height, width }, lambda, steps: config.training.steps },
  };
}

/**
 * Opens the model of images in a folder that `gyrometric train` wrote, on the engine that runs. The caller disposes of it.
 * @throws UsageError when there is no such folder or it holds a model of vectors, FormatError when it is damaged, foreign
 *   or of a later version
 */
export function openModel(folder: string): Model {
  const checkpoint = readCheckpoint(folder);
  const kind = modelKind(checkpoint.config);
  if (kind === 'images') return imageModelOf(checkpoint, folder);
  const remedy = 'name another folder, or embed with gyrometric embed';
  throw new UsageError(expectation(`model ${folder}`, 'a model of images', `one of ${kind}`, remedy));
}

/** The model of images of a checkpoint, on the engine that runs. @throws FormatError, UsageError as openModel does */
export function imageModelOf({ config, about, tensors, space }: Checkpoint, folder: string): Model {
  const model = new Model(
    parseModelConfig(config, `${folder}/config.json`),
    about.image.height,
    about.image.width,
  );
  try {
    model.lambda = about.lambda;
    model.network.parameters.write(tensors, folder);
    model.network.statistics.write(tensors, folder);
    if (!isDeepStrictEqual(space, model.space)) {
      throw new FormatError(
        expectation(
          `${folder}/space.json`,
          `the space of config.json and lambda, ${JSON.stringify(model.space)}`,
          space,
          'restore the model from a copy',
        ),
      );
    }
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}
