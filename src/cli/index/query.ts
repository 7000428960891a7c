import type { Command } from 'commander';
import { openIndex, type VectorIndex } from '../../../indices/index.js';
import { requireInteger } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import { writeFileAtomic } from '../../core/files.js';
import { formatNpz } from '../../core/npz.js';
import type { NeighborTable } from '../../core/records.js';
import { requirePoints } from '../../geometry/points.js';
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
    .option(...THREADS)
    .requiredOption('--out <file>', '.npz to write: ids int64 [n, k], distances float32 [n, k]')
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
  const source = await openVectors(flags.queries, '--queries');
  // Opened so, the links are not kept: less memory than an exact search of a graph.
  const index = await openIndex(file, flags.exact ? { engine: 'exact' } : {});
  requireColumns(source.columns, index.columns, '--queries');
  const started = performance.now();
  const { ids, distances, rows } = await answer(index, source, flags);
  const seconds = elapsed(started);
  const shape = [rows, k];
  writeFileAtomic(flags.out, formatNpz({ ids: { data: ids, shape }, distances: { data: distances, shape } }));
  const { engine, size } = index.stats();
  index.close();
  report(flags.json, { out: flags.out, engine, size, queries: rows, k, seconds }, [
    `${flags.out}: ${k} neighbours of ${rows} queries among ${size} points, ${engine}, in ${seconds} s`,
  ]);
}

/** Slice by slice, so that of the queries no more than one is in memory. */
async function answer(
  index: VectorIndex,
  { rows, columns, chunks }: VectorRows,
  { queries, k, ef, threads }: QueryFlags,
): Promise<NeighborTable> {
  const ids = new BigInt64Array(rows * k);
  const distances = new Float32Array(rows * k);
  if (ids.byteLength > ZIP_LIMIT) {
    const remedy = 'ask for fewer neighbours, or split the queries';
    throw new UsageError(expectation('--out', 'less than 4 GiB of ids', `${ids.byteLength} bytes`, remedy));
  }
  const signal = interruptSignal('index query: interrupted, no file was written');
  const options = { signal, ...(ef !== undefined && { ef }), ...(threads !== undefined && { threads }) };
  const progress = new Progress('index query');
  let done = 0;
  for await (const data of chunks(SLICE)) {
    signal.throwIfAborted();
    const slice = { data, rows: data.length / columns, columns };
    requirePoints(index.space, slice, `--queries ${queries}`, done);
    const found = await index.search(data, k, options);
    ids.set(found.ids, done * k);
    distances.set(found.distances, done * k);
    done += slice.rows;
    progress.update(done, rows, 'queries');
  }
  progress.finish(`${rows} queries answered`);
  return { ids, distances, rows, k };
}
