import { isDeepStrictEqual } from 'node:util';
import { type Checkpoint, writeCheckpoint } from '../../checkpoint/checkpoint.js';
import { expectation, FormatError } from '../../core/errors.js';
import { parsePointSetConfig, requireResolved } from './config.js';
import { PointSetModel } from './pointSetModel.js';

// A model of sets or clouds lies in the same folder of five files as one of images: config.json says `kind: "pointSets"`,
// and the image size of manifest.json is one row of as many columns as an item has.

/** Writes the folder whole or not at all. @throws UsageError as writeCheckpoint does */
export async function writePointSetFolder(
  folder: string,
  model: PointSetModel,
  { metrics, engine }: { readonly metrics: unknown; readonly engine: string },
): Promise<void> {
  const { config, space, network, lambda } = model;
  const tensors = [...(await network.parameters.read()), ...(await network.statistics.read())];
  const image = { height: 1, width: model.encoder.columns };
  const about = { engine, image, lambda, steps: config.training.steps };
  writeCheckpoint(folder, { config, space, metrics, tensors, about });
}

/**
 * The model of a checkpoint of kind "pointSets", on the engine that runs. The caller disposes of it.
 * @throws FormatError or UsageError when its parts do not belong together
 */
export function pointSetModelOf(
  { config, about, tensors, space }: Checkpoint,
  folder: string,
): PointSetModel {
  const who = `${folder}/config.json`;
  const model = new PointSetModel(requireResolved(parsePointSetConfig(config, who), who));
  try {
    model.lambda = about.lambda;
    model.network.parameters.write(tensors, folder);
    model.network.statistics.write(tensors, folder);
    if (!isDeepStrictEqual(space, model.space)) {
      const expected = `the space of config.json and lambda, ${JSON.stringify(model.space)}`;
      const remedy = 'restore the model from a copy';
      throw new FormatError(expectation(`${folder}/space.json`, expected, space, remedy));
    }
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}
