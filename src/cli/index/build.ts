import type { Command } from 'commander';
import { buildIndex, type TunedEf, tuneEf } from '../../../indices/index.js';
import { expectation, GyrometricError, UsageError } from '../../core/errors.js';
import { readJson } from '../../core/files.js';
import { columnsOf, parseSpace } from '../../core/space.js';
import { readIntegers } from '../../model/embeddingFile.js';
import { requireFileDestination } from '../destination.js';
import { interruptSignal } from '../output.js';
import { Progress } from '../progress.js';
import { openVectors } from '../vectorFile.js';
import { elapsed, example, recallLine, report, requireColumns, THREADS, whole } from './flags.js';

interface BuildFlags {
  readonly vectors: string;
  readonly space: string;
  readonly out: string;
  readonly ids?: string;
  readonly m: number;
  readonly efConstruction: number;
  readonly recall?: number;
  readonly k: number;
  readonly threads?: number;
  readonly seed: number;
  readonly json?: true;
}

export function registerBuild(index: Command): void {
  index
    .command('build')
    .description('build an index file over vectors')
    .requiredOption(
      '--vectors <file>',
      '.npy [n, columns] of any size, float32 or float64, or .npz (its `vectors`, `ids`)',
    )
    .requiredOption('--space <file>', 'JSON of the space that the vectors lie in')
    .requiredOption('--out <file>', 'the index file to write')
    .option('--ids <file>', '.npy [n], int64, each >= 0 and once (default: row numbers)')
    .option('--m <count>', 'links of a point, 2..512', whole('--m'), 16)
    .option('--ef-construction <count>', 'candidates for links', whole('--ef-construction'), 200)
    .option('--recall <share>', 'store the smallest ef that finds this share of neighbours, 0..1', share)
    .option('--k <count>', 'neighbours that --recall is about', whole('--k'), 10)
    .option(...THREADS)
    .option('--seed <number>', 'of insertion order, levels and the sample of --recall', whole('--seed'), 1)
    .option('--json', 'print one JSON object')
    .addHelpText('after', example('build --vectors embeddings.npz --space model/space.json --out index.gyro'))
    .action((flags: BuildFlags) => build(flags));
}

async function build(flags: BuildFlags): Promise<void> {
  requireFileDestination(flags.out);
  const space = parseSpace(readJson(flags.space, '--space'));
  const source = await openVectors(flags.vectors, '--vectors');
  requireColumns(source.columns, columnsOf(space), '--vectors');
  const { m, efConstruction, seed, threads } = flags;
  const signal = interruptSignal('index build: interrupted, no file was written');
  const started = performance.now();
  const inserting = new Progress('index build');
  let checking: Progress | undefined;
  const index = await buildIndex({
    space,
    vectors: source.chunks(),
    ids: flags.ids === undefined ? source.ids : readIntegers(flags.ids, source.rows),
    engine: 'hnsw',
    m,
    efConstruction,
    seed,
    threads,
    onProgress: (done, total, stage) => {
      if (stage === 'check') checking ??= new Progress('index check');
      (checking ?? inserting).update(done, total, 'points');
    },
    signal,
  });
  inserting.finish(`${index.size} points inserted, each searched for`);
  const tuned =
    flags.recall === undefined
      ? undefined
      : await tuneEf(index, { recall: flags.recall, k: flags.k, seed, threads, signal });
  await index.save(flags.out);
  const seconds = elapsed(started);
  const { unreachable, size, ...stats } = index.stats();
  report(
    flags.json,
    { out: flags.out, size, ...stats, unreachable, ...(tuned && { recall: tuned }), seconds },
    [
      `${flags.out}: ${size} points of ${index.columns} columns in ${seconds} s, ${unreachable} unreachable`,
      ...(tuned
        ? [
            recallLine(tuned),
            `--recall ${flags.recall} lies ${tuned.assured ? 'below' : 'within'} that interval`,
          ]
        : []),
    ],
  );
  if (tuned) requireReached(tuned, flags);
}

/** The file is kept, since building it may have taken hours. */
function requireReached({ reached, recall, k, ef }: TunedEf, flags: BuildFlags): void {
  if (reached) return;
  const wanted = `recall@${k} ${flags.recall} at some ef`;
  const remedy = `${flags.out} is written with this ef; build again with a larger --m`;
  throw new GyrometricError(expectation('--recall', wanted, `${recall.toFixed(4)} at ef ${ef}`, remedy));
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new UsageError(expectation('--recall', 'a number above 0, up to 1', text, 'correct the flag'));
}
