import type { Command } from 'commander';
import { requireDistinct, requireIds } from '../../indices/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { formatNpz } from '../core/npz.js';
import { readImages } from '../data/images.js';
import { openEngine } from '../engine/openEngine.js';
import { embeddingArrays, readIntegers } from '../model/embeddingFile.js';
import { openModel } from '../model/openModel.js';
import { requireFileDestination } from './destination.js';
import { noteLine, printJson, printLine } from './output.js';

interface EmbedOptions {
  readonly out: string;
  readonly ids?: string;
  readonly labels?: string;
  readonly json?: boolean;
}

/** As an index takes them: each >= 0 and once. */
function readIds(path: string, count: number): BigInt64Array {
  const ids = readIntegers(path, count);
  requireIds(ids);
  requireDistinct(ids);
  return ids;
}

async function embed(folder: string, input: string, options: EmbedOptions): Promise<void> {
  requireFileDestination(options.out);
  const images = readImages(input);
  const { count } = images;
  if (count === 0)
    throw new ShapeError(expectation(input, 'at least one image', 'none', 'name other images'));
  const ids = options.ids === undefined ? undefined : readIds(options.ids, count);
  const labels = options.labels === undefined ? undefined : readIntegers(options.labels, count);
  await openEngine({ onNotice: noteLine });
  const model = openModel(folder);
  try {
    if (images.height !== model.height || images.width !== model.width) {
      throw new ShapeError(
        expectation(
          input,
          `images of ${model.height} x ${model.width}`,
          `${images.height} x ${images.width}`,
          'resize them',
        ),
      );
    }
    const embedded = await model.embed(images.pixels);
    writeFileAtomic(options.out, formatNpz(embeddingArrays(embedded, ids, labels)));
    if (options.json) printJson({ out: options.out, items: count, columns: embedded.vectors.columns });
    else printLine(`${count} items of ${embedded.vectors.columns} columns in ${options.out}`);
  } finally {
    model.dispose();
  }
}

export function registerEmbedCommand(program: Command): void {
  program
    .command('embed')
    .argument('<model>', 'a folder that gyrometric train wrote')
    .argument('<input>', 'images.npy: [n, height, width], uint8 or float32 in 0..1')
    .description('images -> vectors of every head')
    .requiredOption('--out <file>', 'E.npz: ids, one array a head, vectors, labels')
    .option('--ids <file>', 'ids.npy: int64 [n]; row numbers otherwise')
    .option('--labels <file>', 'labels.npy: integers [n], kept with the vectors')
    .option('--json', 'JSON on stdout')
    .addHelpText('after', '\nExample:\n  gyrometric embed model digits.npy --out digits.npz')
    .action(embed);
}
