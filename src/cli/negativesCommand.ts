import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { expectation, UsageError } from '../core/errors.js';
import { requireFile, writeFileAtomic } from '../core/files.js';
import { packageVersion } from '../core/packageRoot.js';
import type { NegativesReportInput } from '../report/negatives/input.js';
import { renderNegatives } from '../report/negatives/negativesReport.js';
import { requireFileDestination } from './destination.js';
import { wholeNumber } from './flags.js';
import { armOfOwn, armsOfFile, ownVectors } from './negatives/files.js';
import { classesOf, type Gathered, joined, readImageStack } from './negatives/items.js';
import { type Measured, measureNegatives } from './negatives/measure.js';
import { armsOfModels } from './negatives/models.js';
import { negativesJson, printStatistics, printSweep } from './negatives/print.js';
import { interruptSignal, printJson, printLine } from './output.js';
import { decimalNumber } from './train/flags.js';

interface NegativesFlags {
  readonly model?: readonly string[];
  readonly data?: string;
  readonly labels?: string;
  readonly vectors?: readonly string[];
  readonly space?: readonly string[];
  readonly temperature?: readonly number[];
  readonly images?: string;
  readonly whole: boolean;
  readonly block: number;
  readonly depth: number;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
}

async function negatives(inputs: readonly string[], flags: NegativesFlags): Promise<void> {
  const signal = interruptSignal('negatives was interrupted');
  if (flags.out !== undefined) requireFileDestination(flags.out);
  const { arms, labels, data, images: own } = await gather(inputs, flags);
  const images = flags.images === undefined ? own : readImageStack(flags.images, labels.length);
  const { classes, names } = classesOf(labels);
  if (names.length < 2) {
    const remedy = 'items of another class are what negatives are';
    throw new UsageError(expectation('labels', 'at least two classes', names.length, remedy));
  }
  const { whole, block: blockSize, depth, seed, out, json } = flags;
  let done: Measured | undefined;
  const show = (measured: Measured) => {
    if (!json && !done) printLine(`${data}, ${names.length} classes`);
    if (!json) printNew(done, measured);
    done = measured;
  };
  try {
    await measureNegatives(arms, classes, { whole, blockSize, depth, seed, signal }, show);
  } finally {
    // After Ctrl-C the page has what is done.
    if (out !== undefined && done) {
      const items = { classes, classNames: names, ...(images && { images }) };
      writeFileAtomic(out, renderNegatives(reportOf(done, data, items, flags)));
      if (!json) printLine(`\npage in ${out}`);
    }
  }
  if (json) printJson(negativesJson(data, done!, out));
}

function printNew(before: Measured | undefined, { blocks, sweep, whole }: Measured): void {
  if (!before) printStatistics(blocks.summary);
  if (sweep && !before?.sweep) printSweep(sweep);
  if (whole && !before?.whole) printStatistics(whole.summary);
}

async function gather(inputs: readonly string[], flags: NegativesFlags): Promise<Gathered> {
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const folders = inputs.filter(isFolder);
  const files = inputs.filter((path) => !isFolder(path));
  for (const file of files) requireFile(file, 'negatives');
  const { model = [], vectors = [], space = [], temperature = [] } = flags;
  const own = ownVectors(vectors, space, temperature);
  if (flags.data !== undefined && folders.length === 0) {
    const remedy = '--data is what models embed; own embeddings come with --vectors';
    throw new UsageError(expectation('negatives --data', 'a model folder', 'none', remedy));
  }
  if (files.length > 0 && model.length > 1 && model.length !== files.length) {
    const remedy = 'give one --model for all or one for each';
    throw new UsageError(expectation('negatives --model', `1 or ${files.length}`, model.length, remedy));
  }
  const single = inputs.length + own.length === 1;
  const prefix = (path: string) => (single ? '' : basename(resolve(path)).replace(/\.npz$/, ''));
  const ofFiles = files.map((file, i) => armsOfFile(file, model[model.length > 1 ? i : 0], prefix(file)));
  const ofOwn = own.map((vectors) => armOfOwn(vectors, flags.labels));
  const ofModels =
    folders.length > 0
      ? await armsOfModels(folders, folders.map(prefix), { data: flags.data, labels: flags.labels })
      : [];
  return joined([...ofModels, ...ofFiles, ...ofOwn]);
}

function reportOf(
  measured: Measured,
  data: string,
  items: Pick<NegativesReportInput, 'classes' | 'classNames' | 'images'>,
  { block, depth, seed }: NegativesFlags,
): NegativesReportInput {
  const { arms, anchors } = measured.blocks.summary;
  return {
    title: 'Hard negatives',
    data,
    ...measured,
    ...items,
    origin: [
      ['Items', `${data}, ${items.classNames.length} classes, ${anchors} anchors`],
      ...arms.map(({ name, space, own }): [string, string] => [
        name,
        `${JSON.stringify(space)}, temperature ${own.temperature}`,
      ]),
      ['Settings', `blocks of ${block}, ${depth} hardest negatives followed, seed ${seed}`],
      ['Program', `gyrometric ${packageVersion}`],
    ],
  };
}

const EXAMPLES = `
Example:
  gyrometric negatives model --out negatives.html
  gyrometric negatives E.npz --model model
  gyrometric negatives heads --data X.npy --labels Y.npy
  gyrometric negatives model other-model
  gyrometric negatives --labels Y.npy --vectors A.npy --space cosine.json --temperature 0.1 \\
                       --vectors B.npy --space ball.json --temperature 0.2 --images thumbnails.npy --out page.html`;

const paths = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

function temperatures(text: string, before: readonly number[] = []): readonly number[] {
  const value = decimalNumber('--temperature')(text);
  if (value > 0) return [...before, value];
  throw new UsageError(expectation('--temperature', 'a number > 0', text, 'correct the flag'));
}

export function registerNegativesCommand(program: Command): void {
  program
    .command('negatives')
    .argument('[inputs...]', 'model folders, or E.npz with labels')
    .description('which negatives are hard, how much of the gradient they get, and how spaces differ in it')
    .option(
      '--model <folder>',
      'the model that made an E.npz: its spaces and temperatures (repeatable)',
      paths,
    )
    .option(
      '--data <file>',
      'what model folders embed, X.npy or images (default for images: turned test digits)',
    )
    .option('--labels <file>', 'classes of --data and --vectors: integers [n]')
    .option(
      '--vectors <file>',
      'own embeddings [n, columns], with --space and --temperature (repeatable)',
      paths,
    )
    .option('--space <file>', 'JSON of the space of --vectors (repeatable)', paths)
    .option('--temperature <t>', 'distances of --vectors are divided by it (repeatable)', temperatures)
    .option('--images <file>', 'thumbnails for the page: uint8 [n, height, width] or [n, height, width, 3]')
    .option('--no-whole', 'leave out the negatives among all items: time that grows with their square')
    .option('--block <items>', 'items that compete in one softmax', wholeNumber('--block', 4), 256)
    .option(
      '--depth <negatives>',
      'hardest negatives that are followed',
      wholeNumber('--depth', 1, 10_000),
      50,
    )
    .option('--seed <number>', 'of intervals and samples', wholeNumber('--seed', 0, 2 ** 32 - 1), 1)
    .option('--out <page.html>', 'one HTML page with figures')
    .option('--json', 'JSON on stdout')
    .addHelpText('after', EXAMPLES)
    .action(negatives);
}
