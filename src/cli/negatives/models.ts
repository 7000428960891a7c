import { basename } from 'node:path';
import { type Checkpoint, readCheckpoint } from '../../checkpoint/checkpoint.js';
import { expectation, ShapeError, UsageError } from '../../core/errors.js';
import { Rng } from '../../core/rng.js';
import { readImages } from '../../data/images.js';
import { loadMnist } from '../../data/mnist.js';
import { turnRandomly } from '../../data/rotate.js';
import { openEngine } from '../../engine/openEngine.js';
import { parseModelConfig } from '../../model/config.js';
import { readIntegers } from '../../model/embeddingFile.js';
import { imageModelOf } from '../../model/openModel.js';
import { isVectorConfig } from '../../model/vectors/config.js';
import { vectorModelOf } from '../../model/vectors/folder.js';
import { counted } from '../../report/format.js';
import type { ImageStack } from '../../report/negatives/input.js';
import { noteLine } from '../output.js';
import { labelsOf, openVectorInput } from '../train/vectorInput.js';
import { headArms } from './files.js';
import type { Gathered } from './items.js';

export interface ModelData {
  /** What the models embed; test digits if undefined, for models of images. */
  readonly data: string | undefined;
  readonly labels: string | undefined;
}

/** Grey images with labels. */
interface Images {
  /** 0..1 */
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly labels: BigInt64Array;
  readonly data: string;
}

/** Both heads of every model and their sums, on the same items. @param prefixes what the names of each begin with */
export async function armsOfModels(
  folders: readonly string[],
  prefixes: readonly string[],
  what: ModelData,
): Promise<Gathered[]> {
  const checkpoints = folders.map(readCheckpoint);
  const images = checkpoints.filter(({ config }) => !isVectorConfig(config));
  if (images.length > 0 && images.length < checkpoints.length) {
    const remedy = 'compare models of one kind';
    throw new UsageError(expectation('negatives', 'models of the same data', 'images and vectors', remedy));
  }
  const embed = images.length > 0 ? await imagesFor(images, what) : await vectorsFor(folders[0], what);
  await openEngine({ onNotice: noteLine });
  const found: Gathered[] = [];
  for (const [i, checkpoint] of checkpoints.entries())
    found.push(await embed(checkpoint, folders[i], prefixes[i]));
  return found;
}

type Embed = (checkpoint: Checkpoint, folder: string, prefix: string) => Promise<Gathered>;

async function imagesFor(checkpoints: readonly Checkpoint[], what: ModelData): Promise<Embed> {
  const { seed } = parseModelConfig(checkpoints[0].config);
  const { pixels, height, width, labels, data } =
    what.data === undefined ? turnedDigits(seed) : ownImages(what);
  const stack: ImageStack = {
    ...{ height, width, channels: 1 },
    pixels: Uint8Array.from(pixels, (value) => Math.round(255 * value)),
  };
  return async (checkpoint, folder, prefix) => {
    const { image } = checkpoint.about;
    if (image.height !== height || image.width !== width) {
      const expected = `images of ${image.height} x ${image.width}`;
      const remedy = 'pass images of the kind that it was trained on with --data';
      throw new ShapeError(expectation(`model ${folder}`, expected, `${height} x ${width}`, remedy));
    }
    const model = imageModelOf(checkpoint, folder);
    try {
      const [euclidean, poincare] = (await model.embed(pixels)).heads;
      const spaces = { euclidean: euclidean.space, poincare: poincare.space, mixed: model.space };
      const { temperature } = model.config.loss;
      const matrices = { euclidean: euclidean.matrix, poincare: poincare.matrix };
      return { arms: headArms(prefix, { ...spaces, temperature }, matrices), labels, images: stack, data };
    } finally {
      model.dispose();
    }
  };
}

/** All test digits, each turned by a random angle of this seed. */
function turnedDigits(seed: number): Images {
  const test = loadMnist('test');
  const { pixels } = turnRandomly(test, new Rng(seed).split('negatives'));
  const labels = BigInt64Array.from(test.labels, BigInt);
  return {
    ...{ pixels, height: test.height, width: test.width, labels },
    data: counted(test.count, 'turned test digit'),
  };
}

function ownImages({ data, labels }: ModelData): Images {
  const path = data!;
  const { pixels, count, height, width } = readImages(path);
  if (labels === undefined) refuseWithoutLabels();
  return {
    ...{ pixels, height, width },
    labels: readIntegers(labels, count),
    data: `${counted(count, 'image')} of ${basename(path)}`,
  };
}

async function vectorsFor(folder: string, { data: path, labels: file }: ModelData): Promise<Embed> {
  if (path === undefined) {
    const remedy = 'a model of vectors keeps none of its own';
    throw new UsageError(expectation(`negatives ${folder}`, '--data X.npy', 'none', remedy));
  }
  const source = await openVectorInput(path, '--data');
  const labels = labelsOf(path, file, source.rows);
  if (!labels) return refuseWithoutLabels();
  const data = `${counted(source.rows, 'vector')} of ${basename(path)}`;
  return async (checkpoint, of, prefix) => {
    const model = vectorModelOf(checkpoint, of);
    try {
      const [euclidean, poincare] = (await model.embed(source)).heads;
      const spaces = { euclidean: euclidean.space, poincare: poincare.space, mixed: model.space };
      const { temperature } = model.config.loss;
      const matrices = { euclidean: euclidean.matrix, poincare: poincare.matrix };
      return { arms: headArms(prefix, { ...spaces, temperature }, matrices), labels, data };
    } finally {
      model.dispose();
    }
  };
}

function refuseWithoutLabels(): never {
  const remedy = 'classes say what a negative is';
  throw new UsageError(expectation('negatives --data', '--labels L.npy', 'none', remedy));
}
