import type { Command } from 'commander';
import { requireDistinct, requireIds } from '../../indices/checks.js';
import { type Checkpoint, readCheckpoint } from '../checkpoint/checkpoint.js';
import { expectation, ShapeError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { formatNpz } from '../core/npz.js';
import type { EmbeddingSet } from '../core/records.js';
import { readImages } from '../data/images.js';
import { openEngine } from '../engine/openEngine.js';
import { embeddingArrays, readIntegers } from '../model/embeddingFile.js';
import { modelKind } from '../model/modelKind.js';
import { imageModelOf } from '../model/openModel.js';
import { parsePointSetConfig } from '../model/pointSets/config.js';
import { readPacked } from '../model/pointSets/data.js';
import { pointSetModelOf } from '../model/pointSets/folder.js';
import { vectorModelOf } from '../model/vectors/folder.js';
import { requireFileDestination } from './destination.js';
import { noteLine, printJson, printLine } from './output.js';
import { labelsOf, openVectorInput } from './train/vectorInput.js';

interface EmbedOptions {
  readonly out: string;
  readonly ids?: string;
  readonly labels?: string;
  readonly json?: boolean;
}

interface Embedded {
  readonly items: EmbeddingSet;
  readonly ids: BigInt64Array | undefined;
  readonly labels: BigInt64Array | undefined;
}

/** As an index takes them: each >= 0 and once. */
function readIds(path: string, count: number): BigInt64Array {
  const ids = readIntegers(path, count);
  requireIds(ids);
  requireDistinct(ids);
  return ids;
}

async function embedImages(
  checkpoint: Checkpoint,
  folder: string,
  input: string,
  options: EmbedOptions,
): Promise<Embedded> {
  const images = readImages(input);
  const { count } = images;
  if (count === 0)
    throw new ShapeError(expectation(input, 'at least one image', 'none', 'name other images'));
  const { height, width } = checkpoint.about.image;
  if (images.height !== height || images.width !== width) {
    const got = `${images.height} x ${images.width}`;
    throw new ShapeError(expectation(input, `images of ${height} x ${width}`, got, 'resize them'));
  }
  const ids = options.ids === undefined ? undefined : readIds(options.ids, count);
  const labels = options.labels === undefined ? undefined : readIntegers(options.labels, count);
  await openEngine({ onNotice: noteLine });
  const model = imageModelOf(checkpoint, folder);
  try {
    return { items: await model.embed(images.pixels), ids, labels };
  } finally {
    model.dispose();
  }
}

/** Vectors are read as they are embedded: those of a .npy are never in memory all at once. */
async function embedVectors(
  checkpoint: Checkpoint,
  folder: string,
  input: string,
  options: EmbedOptions,
): Promise<Embedded> {
  const source = await openVectorInput(input, 'vectors');
  const { rows, columns } = source;
  const { width } = checkpoint.about.image;
  if (columns !== width || rows === 0) {
    const remedy = 'pass vectors of the kind that the model was trained on';
    const expected = `at least one vector of ${width} columns`;
    throw new ShapeError(expectation(input, expected, `${rows} of ${columns}`, remedy));
  }
  const ids = options.ids === undefined ? source.ids : readIds(options.ids, rows);
  const labels = labelsOf(input, options.labels, rows);
  await openEngine({ onNotice: noteLine });
  const model = vectorModelOf(checkpoint, folder);
  try {
    const { heads, vectors } = await model.embed(source);
    return { items: { code: vectors, heads, vectors }, ids, labels };
  } finally {
    model.dispose();
  }
}

async function embedPointSets(
  checkpoint: Checkpoint,
  folder: string,
  input: string,
  options: EmbedOptions,
): Promise<Embedded> {
  const packed = readPacked(parsePointSetConfig(checkpoint.config, `${folder}/config.json`), input);
  const count = packed.rows.rows;
  const ids = options.ids === undefined ? packed.ids : readIds(options.ids, count);
  const labels = options.labels === undefined ? packed.labels : readIntegers(options.labels, count);
  await openEngine({ onNotice: noteLine });
  const model = pointSetModelOf(checkpoint, folder);
  try {
    return { items: await model.embed(packed.rows), ids, labels };
  } finally {
    model.dispose();
  }
}

const EMBEDDERS = { images: embedImages, vectors: embedVectors, pointSets: embedPointSets };

async function embed(folder: string, input: string, options: EmbedOptions): Promise<void> {
  requireFileDestination(options.out);
  const checkpoint = readCheckpoint(folder);
  const embedAll = EMBEDDERS[modelKind(checkpoint.config)];
  const { items, ids, labels } = await embedAll(checkpoint, folder, input, options);
  writeFileAtomic(options.out, formatNpz(embeddingArrays(items, ids, labels)));
  const { rows, columns } = items.vectors;
  if (options.json) printJson({ out: options.out, items: rows, columns });
  else printLine(`${rows} items of ${columns} columns in ${options.out}`);
}

export function registerEmbedCommand(program: Command): void {
  program
    .command('embed')
    .argument('<model>', 'a folder that gyrometric train wrote')
    .argument(
      '<input>',
      'images.npy: [n, height, width], uint8 or float32 in 0..1; for a model of vectors [n, columns]; for one of clouds ' +
        '[n, points, 3], of sets [n, elements], or a .npz with `points` and `sizes`',
    )
    .description('images, vectors, sets or clouds -> points of every head')
    .requiredOption('--out <file>', 'E.npz: ids, one array a head, vectors, labels')
    .option('--ids <file>', 'ids.npy: int64 [n]; row numbers otherwise')
    .option('--labels <file>', 'labels.npy: integers [n], kept with the vectors')
    .option('--json', 'JSON on stdout')
    .addHelpText('after', '\nExample:\n  gyrometric embed model digits.npy --out digits.npz')
    .action(embed);
}
