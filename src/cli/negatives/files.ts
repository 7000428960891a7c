import { basename } from 'node:path';
import { readCheckpoint } from '../../checkpoint/checkpoint.js';
import { expectation, ShapeError, UsageError } from '../../core/errors.js';
import { readJson } from '../../core/files.js';
import { concatColumns } from '../../core/matrix.js';
import { type ProductSpace, parseSpace, type Space } from '../../core/space.js';
import type { NegativesArm } from '../../evaluation/negatives/arms.js';
import { requirePoints } from '../../geometry/points.js';
import { parseModelConfig } from '../../model/config.js';
import { readEmbeddings } from '../../model/embeddingFile.js';
import { modelKind } from '../../model/modelKind.js';
import { parsePointSetConfig } from '../../model/pointSets/config.js';
import { parseVectorConfig } from '../../model/vectors/config.js';
import { counted } from '../../report/format.js';
import { labelsOf } from '../train/vectorInput.js';
import { readVectors } from '../vectorFile.js';
import type { Gathered } from './items.js';

/** Vectors of the user, their space, and the temperature of their softmax. */
export interface OwnVectors {
  readonly vectors: string;
  readonly space: string;
  readonly temperature: number;
}

/** What a model says of its heads: their spaces, the temperatures, and the space of both. */
export interface HeadSpaces {
  readonly euclidean: Space;
  readonly poincare: Space;
  readonly mixed: ProductSpace;
  readonly temperature: { readonly euclidean: number; readonly poincare: number };
}

/** Each head at its own temperature, and the sum of both scores, which has theirs in its weights. */
export function headArms(
  prefix: string,
  spaces: HeadSpaces,
  matrices: { readonly euclidean: NegativesArm['matrix']; readonly poincare: NegativesArm['matrix'] },
): NegativesArm[] {
  const { euclidean, poincare, mixed, temperature } = spaces;
  const named = (name: string) => (prefix === '' ? name : `${prefix} ${name}`);
  const both = concatColumns([matrices.euclidean, matrices.poincare]);
  return [
    {
      name: named('Euclidean'),
      space: euclidean,
      matrix: matrices.euclidean,
      temperature: temperature.euclidean,
    },
    {
      name: named('Poincaré'),
      space: poincare,
      matrix: matrices.poincare,
      temperature: temperature.poincare,
    },
    { name: named('mixed'), space: mixed, matrix: both, temperature: 1 },
  ];
}

/** Both heads of an E.npz and their sum; spaces and temperatures are those of the model that made it. */
export function armsOfFile(path: string, folder: string | undefined, prefix: string): Gathered {
  if (folder === undefined) {
    throw new UsageError(
      expectation('negatives', '--model MODEL_DIR beside E.npz', 'none', 'name the model that made it'),
    );
  }
  const spaces = spacesOf(folder);
  const { euclidean, poincare, labels } = readEmbeddings(path);
  return {
    arms: headArms(prefix, spaces, { euclidean, poincare }),
    labels,
    data: `${counted(labels.length, 'item')} of ${basename(path)}`,
  };
}

const PARSERS = {
  images: parseModelConfig,
  vectors: parseVectorConfig,
  pointSets: parsePointSetConfig,
};

function spacesOf(folder: string): HeadSpaces {
  const { config, space } = readCheckpoint(folder);
  const { loss } = PARSERS[modelKind(config)](config, folder);
  const [euclidean, poincare] = space.kind === 'product' ? space.factors : [];
  if (space.kind === 'product' && euclidean?.space.kind === 'cosine' && poincare?.space.kind === 'poincare') {
    return {
      euclidean: euclidean.space,
      poincare: poincare.space,
      mixed: space,
      temperature: loss.temperature,
    };
  }
  const expected = 'a product of a cosine and a poincare factor';
  throw new UsageError(expectation(`${folder}/space.json`, expected, space.kind, 'name another model'));
}

/** @throws UsageError unless labels are known; as readVectors, parseSpace */
export function armOfOwn({ vectors, space, temperature }: OwnVectors, labels: string | undefined): Gathered {
  const parsed = parseSpace(readJson(space, '--space'), space);
  const { vectors: matrix } = readVectors(vectors, '--vectors');
  if (matrix.rows === 0) {
    throw new ShapeError(expectation(`--vectors ${vectors}`, 'at least one row', 0, 'pass other vectors'));
  }
  requirePoints(parsed, matrix, `--vectors ${vectors}`);
  const own = labelsOf(vectors, labels, matrix.rows);
  if (!own) {
    const remedy = 'classes say what a negative is';
    throw new UsageError(expectation('negatives --vectors', '--labels L.npy', 'none', remedy));
  }
  const name = `${basename(vectors).replace(/\.np[yz]$/, '')} ${parsed.kind}`;
  return {
    arms: [{ name, space: parsed, matrix, temperature }],
    labels: own,
    data: `${counted(matrix.rows, 'vector')} of ${basename(vectors)}`,
  };
}

/** One set of flags an arm. @throws UsageError unless --vectors, --space and --temperature come equally often */
export function ownVectors(
  vectors: readonly string[],
  spaces: readonly string[],
  temperatures: readonly number[],
): OwnVectors[] {
  if (vectors.length === spaces.length && vectors.length === temperatures.length) {
    return vectors.map((path, i) => ({ vectors: path, space: spaces[i], temperature: temperatures[i] }));
  }
  const got = `${vectors.length}, ${spaces.length} and ${temperatures.length}`;
  const remedy = 'give each arm its three flags, in the same order';
  const expected = 'as many --vectors as --space and --temperature';
  throw new UsageError(expectation('negatives', expected, got, remedy));
}
