import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIndex } from '../../../indices/index.js';
import { matrix, nearest, poincare } from '../../../src/geometry/index.js';
import { DomainError, UsageError } from '../../../src/index.js';
import { type BenchContext, type BenchRow, quantile } from '../bench.js';
import { embeddings } from './embeddings.js';
import { exactScan } from './exactScan.js';
import { insertionOrders } from './insertionOrders.js';
import { measure, type Pace } from './measure.js';
import { rowsOf } from './rows.js';
import { type DataSet, prod128, tree16, unit128 } from './sets.js';
import { K, ours, peersOf, type Running, start } from './sides.js';
import { tablesOf } from './table.js';

const SEED = 1;
const FULL: Pace = { rounds: 3, warmUp: 0.2, seconds: 0.5 };
const QUICK: Pace = { rounds: 1, warmUp: 0.05, seconds: 0.1 };
/** Queries of which the truth is checked against the reference mathematics. */
const CHECKED = 20;
/** float32 distances of two float64 computations differ by rounding alone. */
const AGREEMENT = 1e-6;

/**
 * Our index beside its peers on four sets of points: the same vectors, M = 16, efConstruction = 200, ten neighbours of
 * 500 queries that are not in the index, and the same truth, all distances in float64 by the true metric. Each side runs
 * in a process of its own, with as many threads as its rows say. Compared: seconds to build, seconds to search at equal
 * ef and at equal recall (see speedAtRecall), recall, distances a query, memory; on tree16 also insertion orders. Beside
 * them exact search, in the addon and in TypeScript.
 */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const { quick, parts, log } = context;
  const size = quick ? 10_000 : 50_000;
  const rows: BenchRow[] = [];
  const sets = { tree16, unit128, prod128, embeddings };
  for (const part of parts) {
    if (Object.hasOwn(sets, part)) continue;
    throw new UsageError(`bench index: expected one of ${Object.keys(sets).join(', ')}, got ${part}`);
  }
  for (const [name, make] of Object.entries(sets)) {
    if (parts.length > 0 && !parts.includes(name)) continue;
    const start = performance.now();
    const set = make(size, SEED, log);
    if (!set) continue;
    log(`${set.name}: ${set.vectors.length / set.columns} points, made in ${secondsSince(start)} s`);
    rows.push(...(await compare(set, context)));
  }
  return rows;
}

async function compare(set: DataSet, context: BenchContext): Promise<BenchRow[]> {
  const { quick, log } = context;
  const folder = mkdtempSync(join(tmpdir(), 'gyrometric-bench-'));
  const running: Running[] = [];
  try {
    const truth = await truthOf(set, log);
    for (const side of [ours, ...peersOf(set, log)]) running.push(await start(side, set, folder, SEED));
    const size = set.vectors.length / set.columns;
    const [mine, ...peers] = await measure(running, size, truth, quick ? QUICK : FULL, log);
    console.log(tablesOf(`${set.name}, ${size} points`, [mine, ...peers]));
    const rows = [...rowsOf(set.name, mine, peers), ...(await exactScan(set, quick ? 1 : 3))];
    if (set.name !== 'tree16') return rows;
    const orders = await insertionOrders(set, truth, folder, context);
    console.log(orders.table);
    return [...rows, ...orders.rows];
  } finally {
    for (const { peer } of running) peer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rows of the nearest of each query by comparison with all points. */
async function truthOf(set: DataSet, log: (line: string) => void): Promise<number[]> {
  const { space, vectors, queries, columns } = set;
  const index = await buildIndex({ space, vectors, engine: 'exact' });
  const { ids, distances } = await index.search(queries, K, { exact: true });
  index.close();
  const few = matrix(queries.slice(0, CHECKED * columns), CHECKED, columns);
  const reference = nearest(space, matrix(vectors, vectors.length / columns, columns), few, K);
  reference.distances.forEach((distance, i) => {
    if (Math.abs(distances[i] - distance) <= AGREEMENT * Math.max(1, distance)) return;
    throw new DomainError(
      `bench index: the neighbour at ${distances[i]} is at ${distance} by the reference mathematics`,
    );
  });
  const tenth = Float64Array.from({ length: ids.length / K }, (_, i) => distances[i * K + K - 1]);
  log(`${set.name}: the tenth neighbour of a query is at ${quantile([...tenth], 0.5).toFixed(2)} (median)`);
  if (space.kind === 'poincare') {
    const radii = Array.from({ length: vectors.length / columns }, (_, i) =>
      poincare.dist0(vectors.subarray(i * columns, (i + 1) * columns), -space.curvature),
    );
    const [median, most] = [quantile(radii, 0.5), quantile(radii, 1)];
    log(`${set.name}: points are at ${median.toFixed(2)} from 0 (median), at most ${most.toFixed(2)}`);
  }
  return Array.from(ids, Number);
}

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1);
}
