import type { Command } from 'commander';
import {
  openIndex,
  type RadiusNeighbors,
  type SearchOptions,
  type VectorIndex,
} from '../../../indices/index.js';
import { requireInteger } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import { writeFileAtomic } from '../../core/files.js';
import type { NpyArray } from '../../core/npy.js';
import { formatNpz } from '../../core/npz.js';
import { requirePoints } from '../../geometry/points.js';
import { readIntegers } from '../../model/embeddingFile.js';
import { requireFileDestination } from '../destination.js';
import { interruptSignal } from '../output.js';
import { Progress } from '../progress.js';
import { openVectors, type VectorRows } from '../vectorFile.js';
import { elapsed, example, report, requireColumns, THREADS, whole } from './flags.js';

interface QueryFlags {
  readonly queries: string;
  readonly k: number;
  readonly ef?: number;
  readonly exact?: true;
  readonly filter?: string;
  readonly radius?: number;
  readonly threads?: number;
  readonly out: string;
  readonly json?: true;
}

/** Queries that are read and answered at once: enough for every core, few enough for a bar that moves. */
const SLICE = 1024;
/** An entry of a zip cannot be larger. */
const ZIP_LIMIT = 2 ** 32 - 1;

export function registerQuery(index: Command): void {
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
    .option('--filter <file>', '.npy [n], int64: only points with these ids')
    .option('--radius <distance>', 'all points within it instead of --k of them', distance)
    .option(...THREADS)
    .requiredOption(
      '--out <file>',
      '.npz to write: ids int64 [n, k], distances float32 [n, k]; with --radius both [all], and starts int64 [n + 1]',
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', example('query index.gyro --queries new.npy --k 10 --out neighbours.npz'))
    .action((file: string, flags: QueryFlags) => query(file, flags));
}

async function query(file: string, flags: QueryFlags): Promise<void> {
  requireFileDestination(flags.out);
  const { k, ef, threads } = flags;
  requireInteger(k, 1, '--k', 2 ** 31 - 2);
  if (ef !== undefined) requireInteger(ef, 1, '--ef', 2 ** 31 - 2);
  if (threads !== undefined) requireInteger(threads, 1, '--threads');
  const filter = flags.filter === undefined ? undefined : readIntegers(flags.filter);
  const source = await openVectors(flags.queries, '--queries');
  // Opened so, the links are not kept: less memory than an exact search of a graph.
  const index = await openIndex(file, flags.exact ? { engine: 'exact' } : {});
  requireColumns(source.columns, index.columns, '--queries');
  const started = performance.now();
  const radius = flags.radius;
  const options = {
    ...(ef !== undefined && { ef }),
    ...(threads !== undefined && { threads }),
    ...(filter && { filter }),
  };
  const arrays =
    radius === undefined
      ? await answer(index, source, flags, options)
      : await answerRadius(index, source, flags, { ...options, radius });
  const seconds = elapsed(started);
  writeFileAtomic(flags.out, formatNpz(arrays));
  const { engine, size } = index.stats();
  index.close();
  const { rows } = source;
  const found = arrays.ids.data.length;
  const asked = radius === undefined ? { k } : { radius, found };
  const neighbours = radius === undefined ? `${k} neighbours` : `${found} neighbours within ${radius}`;
  report(flags.json, { out: flags.out, engine, size, queries: rows, ...asked, seconds }, [
    `${flags.out}: ${neighbours} of ${rows} queries among ${size} points, ${engine}, in ${seconds} s`,
  ]);
}

type Asked = Omit<SearchOptions, 'signal'>;
type Arrays = { readonly ids: NpyArray } & Readonly<Record<string, NpyArray>>;

async function answer(
  index: VectorIndex,
  source: VectorRows,
  flags: QueryFlags,
  options: Asked,
): Promise<Arrays> {
  const { k } = flags;
  const ids = new BigInt64Array(source.rows * k);
  const distances = new Float32Array(source.rows * k);
  requireRoom(ids);
  await eachSlice(index, source, flags, async (queries, done, signal) => {
    const found = await index.search(queries, k, { ...options, signal });
    ids.set(found.ids, done * k);
    distances.set(found.distances, done * k);
  });
  const shape = [source.rows, k];
  return { ids: { data: ids, shape }, distances: { data: distances, shape } };
}

async function answerRadius(
  index: VectorIndex,
  source: VectorRows,
  flags: QueryFlags,
  { radius, ...options }: Asked & { readonly radius: number },
): Promise<Arrays> {
  const starts = new BigInt64Array(source.rows + 1);
  const parts: RadiusNeighbors[] = [];
  await eachSlice(index, source, flags, async (queries, done, signal) => {
    const found = await index.searchRadius(queries, radius, { ...options, signal });
    parts.push(found);
    for (let i = 1; i < found.starts.length; i++) starts[done + i] = starts[done] + BigInt(found.starts[i]);
  });
  const shape = [Number(starts[source.rows])];
  const ids = new BigInt64Array(shape[0]);
  const distances = new Float32Array(shape[0]);
  requireRoom(ids);
  let at = 0;
  for (const part of parts) {
    ids.set(part.ids, at);
    distances.set(part.distances, at);
    at += part.ids.length;
  }
  return {
    ids: { data: ids, shape },
    distances: { data: distances, shape },
    starts: { data: starts, shape: [starts.length] },
  };
}

function requireRoom(ids: BigInt64Array): void {
  if (ids.byteLength <= ZIP_LIMIT) return;
  const remedy = 'ask for fewer neighbours, or split the queries';
  throw new UsageError(expectation('--out', 'less than 4 GiB of ids', `${ids.byteLength} bytes`, remedy));
}

/** Slice by slice, so that of the queries no more than one is in memory. */
async function eachSlice(
  index: VectorIndex,
  { rows, columns, chunks }: VectorRows,
  { queries }: QueryFlags,
  ask: (slice: Float32Array, done: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const signal = interruptSignal('index query: interrupted, no file was written');
  const progress = new Progress('index query');
  let done = 0;
  for await (const data of chunks(SLICE)) {
    signal.throwIfAborted();
    const slice = { data, rows: data.length / columns, columns };
    requirePoints(index.space, slice, `--queries ${queries}`, done);
    await ask(data, done, signal);
    done += slice.rows;
    progress.update(done, rows, 'queries');
  }
  progress.finish(`${rows} queries answered`);
}

function distance(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && !Number.isNaN(value)) return value;
  throw new UsageError(expectation('--radius', 'a number', text, 'correct the flag'));
}
