import type { Command } from 'commander';
import { buildIndex, openIndex } from '../../indices/index.js';
import { expectation, ShapeError, UsageError } from '../core/errors.js';
import { readJson, writeFileAtomic } from '../core/files.js';
import type { Matrix } from '../core/matrix.js';
import { formatNpz } from '../core/npz.js';
import { columnsOf, parseSpace } from '../core/space.js';
import { readIntegers } from '../model/embeddingFile.js';
import { requireFileDestination } from './destination.js';
import { interruptSignal, printJson, printLine } from './output.js';
import { Progress } from './progress.js';
import { readVectors } from './vectorFile.js';

interface BuildFlags {
  readonly vectors: string;
  readonly space: string;
  readonly out: string;
  readonly ids?: string;
  readonly m: number;
  readonly efConstruction: number;
  readonly threads?: number;
  readonly seed: number;
  readonly json?: true;
}

interface QueryFlags {
  readonly queries: string;
  readonly k: number;
  readonly ef?: number;
  readonly exact?: true;
  readonly threads?: number;
  readonly out: string;
  readonly json?: true;
}

/** Adds `index build`, `index query` and `index info`. Errors leave as GyrometricError, before any output exists. */
export function registerIndexCommands(program: Command): void {
  const index = program
    .command('index')
    .description('build, query and describe index files')
    .addHelpText(
      'after',
      example('build --vectors embeddings.npz --space model/space.json --out index.gyro'),
    );
  index
    .command('build')
    .description('build an index file over vectors')
    .requiredOption(
      '--vectors <file>',
      '.npy [n, columns], float32 or float64, or .npz (its `vectors`, `ids`)',
    )
    .requiredOption('--space <file>', 'JSON of the space that the vectors lie in')
    .requiredOption('--out <file>', 'the index file to write')
    .option('--ids <file>', '.npy [n], int64, each >= 0 and once (default: row numbers)')
    .option('--m <count>', 'links of a point, 2..512', whole('--m'), 16)
    .option('--ef-construction <count>', 'candidates for links', whole('--ef-construction'), 200)
    .option('--threads <count>', 'threads (default: one a core)', whole('--threads'))
    .option('--seed <number>', 'of insertion order and levels', whole('--seed'), 1)
    .option('--json', 'print one JSON object')
    .addHelpText('after', example('build --vectors embeddings.npz --space model/space.json --out index.gyro'))
    .action((flags: BuildFlags) => build(flags));
  index
    .command('query')
    .description('find the nearest points of queries')
    .argument('<index>', 'index file')
    .requiredOption('--queries <file>', '.npy or .npz as for build')
    .option('--k <count>', 'neighbours of a query', whole('--k'), 10)
    .option(
      '--ef <count>',
      'width of the search, raised to k (default: that of the index, 64)',
      whole('--ef'),
    )
    .option('--exact', 'compare with every point')
    .option('--threads <count>', 'threads (default: one a core)', whole('--threads'))
    .requiredOption('--out <file>', '.npz to write: ids int64 [n, k], distances float32 [n, k]')
    .option('--json', 'print one JSON object')
    .addHelpText('after', example('query index.gyro --queries new.npy --k 10 --out neighbours.npz'))
    .action((file: string, flags: QueryFlags) => query(file, flags));
  index
    .command('info')
    .description('check an index file and describe it')
    .argument('<index>', 'index file')
    .option('--json', 'print one JSON object')
    .addHelpText('after', example('info index.gyro --json'))
    .action((file: string, flags: { readonly json?: true }) => info(file, flags.json === true));
}

async function build(flags: BuildFlags): Promise<void> {
  requireFileDestination(flags.out);
  const space = parseSpace(readJson(flags.space, '--space'));
  const { vectors, ids } = readVectors(flags.vectors, '--vectors');
  requireColumns(vectors, columnsOf(space), '--vectors');
  const started = performance.now();
  const progress = new Progress('index build');
  const index = await buildIndex({
    space,
    vectors: Float32Array.from(vectors.data),
    ids: flags.ids === undefined ? ids : readIntegers(flags.ids, vectors.rows),
    engine: 'hnsw',
    m: flags.m,
    efConstruction: flags.efConstruction,
    seed: flags.seed,
    threads: flags.threads,
    onProgress: (done, total) => progress.update(done, total, 'points'),
    signal: interruptSignal('index build: interrupted, no file was written'),
  });
  progress.finish(`${index.size} points inserted`);
  await index.save(flags.out);
  const seconds = elapsed(started);
  const { unreachable, ...stats } = index.stats();
  report(flags.json, { out: flags.out, ...stats, unreachable, seconds }, [
    `${flags.out}: ${stats.size} points of ${index.columns} columns in ${seconds} s, ${unreachable} unreachable`,
  ]);
}

async function query(file: string, flags: QueryFlags): Promise<void> {
  requireFileDestination(flags.out);
  const { vectors } = readVectors(flags.queries, '--queries');
  const index = await openIndex(file, flags.exact ? { engine: 'exact' } : {});
  requireColumns(vectors, index.columns, '--queries');
  const started = performance.now();
  const { ids, distances, rows, k } = await index.search(Float32Array.from(vectors.data), flags.k, {
    ...(flags.ef !== undefined && { ef: flags.ef }),
    ...(flags.threads !== undefined && { threads: flags.threads }),
  });
  const seconds = elapsed(started);
  const shape = [rows, k];
  writeFileAtomic(flags.out, formatNpz({ ids: { data: ids, shape }, distances: { data: distances, shape } }));
  const { engine, size } = index.stats();
  report(flags.json, { out: flags.out, engine, size, queries: rows, k, seconds }, [
    `${flags.out}: ${k} neighbours of ${rows} queries among ${size} points, ${engine}, in ${seconds} s`,
  ]);
}

async function info(file: string, json: boolean): Promise<void> {
  const index = await openIndex(file);
  const { unreachable = await index.countUnreachable(), ...stats } = index.stats();
  const { engine, size, m, efConstruction, ef, seed } = stats;
  report(json, { file, space: index.space, columns: index.columns, ...stats, unreachable }, [
    `${file}: ${size} points of ${index.columns} columns, space ${JSON.stringify(index.space)}`,
    `engine ${engine}, m ${m}, ef-construction ${efConstruction}, ef ${ef}, seed ${seed}, ${unreachable} unreachable`,
  ]);
}

function report(json: boolean | undefined, record: object, lines: readonly string[]): void {
  if (json) printJson(record);
  else for (const line of lines) printLine(line);
}

/** The values alone would pass as rows of another length if their number happens to fit. */
function requireColumns(vectors: Matrix, columns: number, who: string): void {
  if (vectors.columns === columns) return;
  throw new ShapeError(
    expectation(who, `${columns} columns, as the space has`, vectors.columns, 'embed them alike'),
  );
}

function whole(flag: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw new UsageError(expectation(flag, 'a whole number', text, 'correct the flag'));
  };
}

function elapsed(started: number): number {
  return Math.round(performance.now() - started) / 1000;
}

function example(command: string): string {
  return `\nExample:\n  gyrometric index ${command}\n`;
}
