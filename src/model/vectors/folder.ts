import { isDeepStrictEqual } from 'node:util';
import { type Checkpoint, writeCheckpoint } from '../../checkpoint/checkpoint.js';
import { expectation, FormatError } from '../../core/errors.js';
import { parseVectorConfig, type ResolvedVectorConfig } from './config.js';
import { VectorModel } from './vectorModel.js';

// A model of vectors lies in the same folder of five files as one of images: config.json says `kind: "vectors"`, the
// image size of manifest.json is one row of as many columns as a vector has, and the weights begin with the mean and
// the deviation of each column.

const MEAN = 'input/mean';
const DEVIATION = 'input/deviation';

/** Writes the folder whole or not at all. @throws UsageError as writeCheckpoint does */
export async function writeVectorFolder(
  folder: string,
  model: VectorModel,
  { metrics, engine, steps }: { readonly metrics: unknown; readonly engine: string; readonly steps: number },
): Promise<void> {
  const { config, space, network, standardization, columns, lambda } = model;
  const tensors = [
    { name: MEAN, shape: [columns], data: standardization.mean },
    { name: DEVIATION, shape: [columns], data: standardization.deviation },
    ...(await network.parameters.read()),
  ];
  const about = { engine, image: { height: 1, width: columns }, lambda, steps };
  writeCheckpoint(folder, { config, space, metrics, tensors, about });
}

/**
 * The model of a checkpoint of kind "vectors", on the engine that runs. The caller disposes of it.
 * @throws FormatError or UsageError when its parts do not belong together
 */
export function vectorModelOf({ config, about, tensors, space }: Checkpoint, folder: string): VectorModel {
  const parsed = parseVectorConfig(config, `${folder}/config.json`);
  const { steps, perClass } = parsed.training;
  if (steps === 'auto' || perClass === 'auto') refuse(`${folder}/config.json`, 'a resolved config', '"auto"');
  const column = (name: string): Float32Array => {
    const found = tensors.find((tensor) => tensor.name === name)?.data;
    const { width } = about.image;
    const isWhole = found?.length === width && found.every((value) => Number.isFinite(value));
    return isWhole ? found : refuse(`${folder}: ${name}`, `${width} finite numbers`, found?.length);
  };
  const standardization = { mean: column(MEAN), deviation: column(DEVIATION) };
  const model = new VectorModel(parsed as ResolvedVectorConfig, standardization);
  try {
    model.lambda = about.lambda;
    model.network.parameters.write(tensors, folder);
    if (!isDeepStrictEqual(space, model.space)) {
      const expected = `the space of config.json and lambda, ${JSON.stringify(model.space)}`;
      refuse(`${folder}/space.json`, expected, space);
    }
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}

function refuse(who: string, expected: string, got: unknown): never {
  throw new FormatError(expectation(who, expected, got, 'restore the model from a copy'));
}
