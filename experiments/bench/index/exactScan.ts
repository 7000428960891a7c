import { buildIndex } from '../../../indices/index.js';
import { matrix, nearest } from '../../../src/geometry/index.js';
import { type BenchRow, benchRow } from '../bench.js';
import type { DataSet } from './sets.js';
import { CORES, K } from './sides.js';

const QUERIES = 100;

/** Comparison with all points: the addon's kernels beside the TypeScript form that machines without the addon use. */
export async function exactScan(set: DataSet, rounds: number): Promise<BenchRow[]> {
  const { name, space, vectors, columns } = set;
  const queries = set.queries.slice(0, QUERIES * columns);
  const index = await buildIndex({ space, vectors, engine: 'exact' });
  const seconds = { one: [] as number[], all: [] as number[], typescript: [] as number[] };
  const database = matrix(vectors, vectors.length / columns, columns);
  await index.search(queries, K);
  for (let round = 0; round < rounds; round++) {
    seconds.one.push(await timed(() => index.search(queries, K, { threads: 1 })));
    seconds.all.push(await timed(() => index.search(queries, K, { threads: CORES })));
    seconds.typescript.push(
      await timed(() => nearest(space, database, matrix(queries, QUERIES, columns), K)),
    );
  }
  index.close();
  const row = (threads: number, ours: readonly number[]) =>
    benchRow(`${name}, ${QUERIES} exact queries, threads ${threads}`, 'TypeScript', ours, seconds.typescript);
  return [row(1, seconds.one), row(CORES, seconds.all)];
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
