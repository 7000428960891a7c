import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIndex, openIndex, type VectorIndex } from '../../../indices/index.js';
import { type BenchContext, type BenchRow, benchRow, quantile } from '../bench.js';
import { type DataSet, prod128, tree16, unit128 } from '../index/sets.js';
import { numbers, recallOf, secondsOf } from './table.js';

const K = 10;
const EFS = [20, 64];

/** Queries a second on one thread, recall and memory of the three storages of a mapped index; beside them float32. */
export async function storage({ quick }: BenchContext): Promise<BenchRow[]> {
  const size = quick ? 10_000 : 50_000;
  const rows: BenchRow[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'gyrometric-bench-'));
  try {
    for (const set of [unit128(size, 1), prod128(size, 1), tree16(size, 1)]) {
      const file = join(folder, `${set.name}.gyro`);
      const built = await buildIndex({ space: set.space, vectors: set.vectors, engine: 'hnsw' });
      await built.save(file);
      built.close();
      rows.push(...(await storagesOf(`${set.name}, ${size} points`, file, set, quick ? 3 : 9)));
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param file an index of the set's points */
export async function storagesOf(
  name: string,
  file: string,
  { space, queries, columns }: Pick<DataSet, 'space' | 'queries' | 'columns'>,
  rounds: number,
): Promise<BenchRow[]> {
  const open = (kind: 'float32' | 'bfloat16' | 'int8') => openIndex(file, { map: true, storage: kind });
  const float32 = await open('float32');
  const small = { bfloat16: await open('bfloat16'), int8: await open('int8') };
  const truth = await float32.search(queries, K, { exact: true });
  // A float64 a factor beside the vector: none of these spaces is flat.
  const full = 4 * columns + 8 * (space.kind === 'product' ? space.factors.length : 1);
  const rows: BenchRow[] = [];
  for (const [kind, index] of Object.entries(small)) {
    for (const ef of EFS) {
      const search = (some: VectorIndex) => some.search(queries, K, { ef, threads: 1 });
      const [ours, theirs] = [await search(index), await search(float32)];
      const pace = await paces(
        rounds,
        () => search(index),
        () => search(float32),
      );
      const label = `${name}, ${kind}, ef ${ef}`;
      rows.push(benchRow(`${label}, ${queries.length / columns} queries`, 'float32, mapped', ...pace));
      const [mine, whole] = [ours, theirs].map(({ ids }) => recallOf(ids, truth.ids, K));
      rows.push(numbers(label, `recall@${K}`, mine, whole, 'float32, mapped'));
    }
    const bytes = (index.stats().bytes - float32.stats().bytes) / index.size;
    rows.push(numbers(`${name}, ${kind}, vectors`, 'bytes a point', bytes, full, 'float32'));
    index.close();
  }
  float32.close();
  return rows;
}

/** Seconds of each side, in turns. */
async function paces(
  rounds: number,
  ours: () => Promise<unknown>,
  peer: () => Promise<unknown>,
): Promise<[number[], number[]]> {
  const seconds: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const [i, side] of [ours, peer].entries()) {
      seconds[i].push(quantile([await secondsOf(side), await secondsOf(side), await secondsOf(side)], 0.5));
    }
  }
  return seconds;
}
