import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildIndex, openIndex, type VectorIndex } from '../../../indices/index.js';
import { type BenchContext, type BenchRow, benchRow, quantile } from '../bench.js';
import { PRODUCT64, product64 } from './product64.js';
import { storagesOf } from './storage.js';
import { numbers, recallOf, secondsOf } from './table.js';

const PART = 50_000;
const QUERIES = 500;
const K = 10;
const EF = 64;
/** Points a second that are added while others search, and how often. */
const RATE = 1000;
const CALLS = 10;
const CLIENTS = 2;

/** A large index of products: built, mapped, searched while it grows, and in less memory. */
export async function million({ quick, log }: BenchContext): Promise<BenchRow[]> {
  const size = quick ? 20_000 : 1_000_000;
  const folder = mkdtempSync(join(tmpdir(), 'gyrometric-bench-'));
  const file = join(folder, 'index.gyro');
  const name = `${size} points of 64 numbers`;
  const next = product64(1);
  try {
    const started = performance.now();
    const built = await buildIndex({ space: PRODUCT64, vectors: parts(next, size), engine: 'hnsw' });
    const seconds = (performance.now() - started) / 1000;
    log(`built in ${seconds.toFixed(0)} s`);
    const queries = next(QUERIES);
    const truth = await built.search(queries, K, { exact: true });
    const found = await built.search(queries, K, { ef: EF });
    const rows = [
      numbers(`${name}, build`, 'points a second', size / seconds, size / seconds, 'itself'),
      numbers(`${name}, memory`, 'bytes a point', built.stats().bytes / size, 4 * 64, 'the vectors alone'),
      numbers(`${name}, ef ${EF}`, `recall@${K}`, recallOf(found.ids, truth.ids, K), 1, 'exact search'),
      numbers(`${name}`, 'unreachable', built.stats().unreachable ?? -1, 0, 'promised in trees'),
    ];
    await built.save(file);
    built.close();
    rows.push(
      numbers(`${name}, file`, 'bytes a point', statSync(file).size / size, 4 * 64, 'the vectors alone'),
    );
    rows.push(await opening(name, file, queries.subarray(0, 64), quick ? 3 : 7));
    rows.push(...(await storagesOf(name, file, { space: PRODUCT64, queries, columns: 64 }, quick ? 3 : 7)));
    rows.push(...(await searchedWhileAdding(name, file, next, quick ? 2 : 20)));
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function* parts(next: (rows: number) => Float32Array, size: number): Iterable<Float32Array> {
  for (let done = 0; done < size; done += PART) yield next(Math.min(PART, size - done));
}

/** Seconds from openIndex to the first answer, the file being in the system's cache. */
async function opening(name: string, file: string, query: Float32Array, rounds: number): Promise<BenchRow> {
  const first = (map: boolean) => async () => {
    const index = await openIndex(file, { map });
    await index.search(query, K);
    index.close();
  };
  const [mapped, read]: [number[], number[]] = [[], []];
  await first(true)();
  for (let round = 0; round < rounds; round++) mapped.push(await secondsOf(first(true)));
  const once = await secondsOf(first(false));
  for (let round = 0; round < rounds; round++) read.push(once);
  return benchRow(`${name}, first answer after opening mapped`, 'reading and checking all', mapped, read);
}

/** Milliseconds of single queries by clients that ask one after the other, while points come and while none do. */
async function searchedWhileAdding(
  name: string,
  file: string,
  next: (rows: number) => Float32Array,
  seconds: number,
): Promise<BenchRow[]> {
  const index = await openIndex(file, { map: true, journal: true });
  const quiet = await latencies(index, next, seconds);
  const growing = { on: true, late: 0 };
  const adding = (async () => {
    for (let call = 1, start = performance.now(); growing.on; call++) {
      await index.add(undefined, next(RATE / CALLS));
      const due = start + (1000 * call) / CALLS;
      growing.late = Math.max(growing.late, performance.now() - due);
      await sleep(Math.max(0, due - performance.now()));
    }
  })();
  const before = index.size;
  const busy = await latencies(index, next, seconds);
  const rate = (index.size - before) / seconds;
  growing.on = false;
  await adding;
  await index.close();
  const rows = [0.5, 0.99].map((share) =>
    numbers(
      `${name}, ${CLIENTS} clients while points are added, p${100 * share}`,
      'ms a query',
      quantile(busy, share),
      quantile(quiet, share),
      'without additions',
    ),
  );
  return [...rows, numbers(`${name}, points added and durable`, 'a second', rate, RATE, 'asked for')];
}

async function latencies(
  index: VectorIndex,
  next: (rows: number) => Float32Array,
  seconds: number,
): Promise<number[]> {
  const end = performance.now() + 1000 * seconds;
  const queries = next(200);
  const found: number[] = [];
  const client = async (first: number) => {
    for (let i = first; performance.now() < end; i++) {
      const at = (i % 200) * 64;
      const query = queries.subarray(at, at + 64);
      found.push(1000 * (await secondsOf(() => index.search(query, K, { ef: EF, threads: 1 }))));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, c) => client(100 * c)));
  return found;
}
