import { basename } from 'node:path';
import { type Checkpoint, readCheckpoint } from '../../checkpoint/checkpoint.js';
import { expectation, ShapeError, UsageError } from '../../core/errors.js';
import type { EmbeddedHead } from '../../core/records.js';
import { Rng } from '../../core/rng.js';
import { readImages } from '../../data/images.js';
import { loadMnist } from '../../data/mnist.js';
import { turnRandomly } from '../../data/rotate.js';
import { openEngine } from '../../engine/openEngine.js';
import { parseModelConfig } from '../../model/config.js';
import { readIntegers } from '../../model/embeddingFile.js';
import type { HeadedConfig, HeadedModel } from '../../model/headedModel.js';
import { modelKind } from '../../model/modelKind.js';
import { imageModelOf } from '../../model/openModel.js';
import { parsePointSetConfig } from '../../model/pointSets/config.js';
import { readPacked } from '../../model/pointSets/data.js';
import { pointSetModelOf } from '../../model/pointSets/folder.js';
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
  const kinds = [...new Set(checkpoints.map(({ config }) => modelKind(config)))];
  if (kinds.length > 1) {
    const remedy = 'compare models of one kind';
    throw new UsageError(expectation('negatives', 'models of the same data', kinds.join(' and '), remedy));
  }
  const embed = await EMBEDDERS[kinds[0]](folders, checkpoints, what);
  await openEngine({ onNotice: noteLine });
  const found: Gathered[] = [];
  for (const [i, checkpoint] of checkpoints.entries())
    found.push(await embed(checkpoint, folders[i], prefixes[i]));
  return found;
}

type Embed = (checkpoint: Checkpoint, folder: string, prefix: string) => Promise<Gathered>;

const EMBEDDERS = { images: imagesFor, vectors: vectorsFor, pointSets: pointSetsFor };

/** Both heads of a model and their sum. */
function armsOf(
  prefix: string,
  { space, config }: HeadedModel<HeadedConfig>,
  [euclidean, poincare]: readonly EmbeddedHead[],
): Gathered['arms'] {
  const { temperature } = config.loss;
  const spaces = { euclidean: euclidean.space, poincare: poincare.space, mixed: space, temperature };
  return headArms(prefix, spaces, { euclidean: euclidean.matrix, poincare: poincare.matrix });
}

async function imagesFor(
  _: readonly string[],
  checkpoints: readonly Checkpoint[],
  what: ModelData,
): Promise<Embed> {
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
      const { heads } = await model.embed(pixels);
      return { arms: armsOf(prefix, model, heads), labels, images: stack, data };
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

async function vectorsFor(
  folders: readonly string[],
  _: readonly Checkpoint[],
  { data, labels: file }: ModelData,
): Promise<Embed> {
  const path = data ?? refuseWithoutData(folders[0], 'vectors');
  const source = await openVectorInput(path, '--data');
  const labels = labelsOf(path, file, source.rows);
  if (!labels) return refuseWithoutLabels();
  const name = `${counted(source.rows, 'vector')} of ${basename(path)}`;
  return async (checkpoint, of, prefix) => {
    const model = vectorModelOf(checkpoint, of);
    try {
      const { heads } = await model.embed(source);
      return { arms: armsOf(prefix, model, heads), labels, data: name };
    } finally {
      model.dispose();
    }
  };
}

async function pointSetsFor(
  folders: readonly string[],
  checkpoints: readonly Checkpoint[],
  { data, labels: file }: ModelData,
): Promise<Embed> {
  const path = data ?? refuseWithoutData(folders[0], 'sets or clouds');
  const packed = checkpoints.map(({ config }, i) =>
    readPacked(parsePointSetConfig(config, folders[i]), path),
  );
  const count = packed[0].rows.rows;
  const labels = file === undefined ? packed[0].labels : readIntegers(file, count);
  if (!labels) return refuseWithoutLabels();
  const name = `${counted(count, 'item')} of ${basename(path)}`;
  return async (checkpoint, folder, prefix) => {
    const model = pointSetModelOf(checkpoint, folder);
    try {
      const { heads } = await model.embed(packed[checkpoints.indexOf(checkpoint)].rows);
      return { arms: armsOf(prefix, model, heads), labels, data: name };
    } finally {
      model.dispose();
    }
  };
}

function refuseWithoutData(folder: string, kind: string): never {
  const remedy = `a model of ${kind} keeps none of its own`;
  throw new UsageError(expectation(`negatives ${folder}`, '--data FILE', 'none', remedy));
}

function refuseWithoutLabels(): never {
  const remedy = 'classes say what a negative is';
  throw new UsageError(expectation('negatives --data', '--labels L.npy', 'none', remedy));
}
