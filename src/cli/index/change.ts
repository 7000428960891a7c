import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { journalPath, openIndexFile } from '../../../indices/format/indexFile.js';
import { openIndex, type VectorIndex } from '../../../indices/index.js';
import { MissingError } from '../../core/errors.js';
import { setupCommand } from '../../core/places.js';
import { readIntegers } from '../../model/embeddingFile.js';
import { interruptSignal } from '../output.js';
import { Progress } from '../progress.js';
import { openVectors } from '../vectorFile.js';
import { elapsed, example, report, requireColumns } from './flags.js';

interface AddFlags {
  readonly vectors: string;
  readonly ids?: string;
  readonly replace?: true;
  readonly json?: true;
}

interface RemoveFlags {
  readonly ids: string;
  readonly json?: true;
}

/** Points that are added between two looks at Ctrl-C. */
const SLICE = 16384;

export function registerChange(index: Command): void {
  index
    .command('add')
    .description('add points to an index file, which is written anew, whole or not at all')
    .argument('<index>', 'index file')
    .requiredOption('--vectors <file>', '.npy or .npz as for build')
    .option('--ids <file>', '.npy [n], int64, none of them in the index (default: the next numbers)')
    .option('--replace', 'ids that are in the index get the new vectors')
    .option('--json', 'print one JSON object')
    .addHelpText('after', example('add index.gyro --vectors new.npy --ids new-ids.npy'))
    .action((file: string, flags: AddFlags) => add(file, flags));
  index
    .command('remove')
    .description('remove points from an index file, which is written anew, whole or not at all')
    .argument('<index>', 'index file')
    .requiredOption('--ids <file>', '.npy [n], int64, all of them in the index')
    .option('--json', 'print one JSON object')
    .addHelpText('after', example('remove index.gyro --ids old.npy'))
    .action((file: string, flags: RemoveFlags) => remove(file, flags));
}

async function add(file: string, flags: AddFlags): Promise<void> {
  const source = await openVectors(flags.vectors, '--vectors');
  const ids = flags.ids === undefined ? source.ids : readIntegers(flags.ids, source.rows);
  const signal = interruptSignal('index add: interrupted, the file is as it was');
  const started = performance.now();
  const index = await openForChange(file);
  requireColumns(source.columns, index.columns, '--vectors');
  const before = index.size;
  const known = new Set(flags.replace ? index.ids() : []);
  const progress = new Progress('index add');
  let done = 0;
  for await (const vectors of source.chunks(SLICE)) {
    signal.throwIfAborted();
    const rows = vectors.length / source.columns;
    const own = ids?.subarray(done, done + rows);
    if (own && flags.replace) await addOrReplace(index, known, own, vectors);
    else await index.add(own, vectors);
    done += rows;
    progress.update(done, source.rows, 'points');
  }
  signal.throwIfAborted();
  await index.save(file);
  progress.finish(`${done} points added or replaced`);
  await finish(
    index,
    file,
    { added: index.size - before, replaced: done - (index.size - before) },
    started,
    flags.json,
  );
}

async function remove(file: string, flags: RemoveFlags): Promise<void> {
  const ids = readIntegers(flags.ids);
  const signal = interruptSignal('index remove: interrupted, the file is as it was');
  const started = performance.now();
  const index = await openForChange(file);
  await index.remove(ids);
  signal.throwIfAborted();
  await index.save(file);
  await finish(index, file, { removed: ids.length }, started, flags.json);
}

async function addOrReplace(
  index: VectorIndex,
  known: ReadonlySet<bigint>,
  ids: BigInt64Array,
  vectors: Float32Array,
): Promise<void> {
  const pick = (wanted: boolean): [BigInt64Array, Float32Array] => {
    const places = [...ids.keys()].filter((i) => known.has(ids[i]) === wanted);
    const rows = new Float32Array(places.length * index.columns);
    places.forEach((place, i) => {
      const row = vectors.subarray(place * index.columns, (place + 1) * index.columns);
      rows.set(row, i * index.columns);
    });
    return [BigInt64Array.from(places, (place) => ids[place]), rows];
  };
  await index.update(...pick(true));
  await index.add(...pick(false));
}

/** @throws MissingError where the file's graph could not be kept */
async function openForChange(file: string): Promise<VectorIndex> {
  const { header, reader } = await openIndexFile(file);
  await reader.close();
  // The changes of a journal go into the file together with these.
  const index = await openIndex(file, { journal: existsSync(journalPath(file)) });
  if (index.stats().engine === header.engine) return index;
  index.close();
  throw new MissingError(
    `index ${file}: its graph cannot be changed without the addon: run \`${setupCommand()}\``,
  );
}

async function finish(
  index: VectorIndex,
  file: string,
  counts: Readonly<Record<string, number>>,
  started: number,
  json: true | undefined,
): Promise<void> {
  const { engine, size, unreachable } = index.stats();
  await index.close();
  const seconds = elapsed(started);
  const what = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  report(json, { file, engine, size, ...counts, unreachable, seconds }, [
    `${file}: ${what.join(', ')}, ${size} points, ${unreachable} unreachable, in ${seconds} s`,
  ]);
}
