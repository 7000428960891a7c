import { buildIndex, type VectorIndex } from '../../../indices/index.js';
import { Rng } from '../../../src/geometry/index.js';
import type { BenchContext, BenchRow } from '../bench.js';
import { type DataSet, tree16, unit128 } from '../index/sets.js';
import { numbers, recallOf, secondsOf } from './table.js';

const K = 10;
const ROUNDS = 10;
const BEAMS = [10, 20, 50];

interface State {
  readonly recalls: readonly number[];
  readonly distances: number;
  readonly missed: number;
}

async function stateOf(index: VectorIndex, { queries }: DataSet, exact: VectorIndex): Promise<State> {
  const truth = (await exact.search(queries, K)).ids;
  const recalls: number[] = [];
  let distances = 0;
  for (const ef of BEAMS) {
    const before = index.stats().distances;
    recalls.push(recallOf((await index.search(queries, K, { ef })).ids, truth, K));
    distances = ((index.stats().distances - before) * K) / truth.length;
  }
  return { recalls, distances, missed: await index.countUnreachable() };
}

function compare(name: string, ours: State, fresh: State, peer: string): BenchRow[] {
  return [
    ...BEAMS.map((ef, i) =>
      numbers(`${name}, ef ${ef}`, `recall@${K}`, ours.recalls[i], fresh.recalls[i], peer),
    ),
    numbers(`${name}, ef ${BEAMS.at(-1)}`, 'distances a query', ours.distances, fresh.distances, peer),
    numbers(name, 'points missed', ours.missed, fresh.missed, peer),
  ];
}

function take({ vectors, columns }: DataSet, rows: Int32Array): [BigInt64Array, Float32Array] {
  const values = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    values.set(vectors.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return [BigInt64Array.from(rows, BigInt), values];
}

/** An index after ten replacements of a random fifth, and without the fifth nearest the origin, beside fresh ones. */
export async function churn({ quick, log }: BenchContext): Promise<BenchRow[]> {
  const size = quick ? 10_000 : 50_000;
  const rows: BenchRow[] = [];
  for (const set of [tree16(size, 1), unit128(size, 1)]) {
    const { name, space, vectors, columns } = set;
    const exact = await buildIndex({ space, vectors, engine: 'exact' });
    const [index, building] = await built(set, vectors);
    const fresh = await stateOf(index, set, exact);
    const rng = new Rng(3);
    let [removing, adding] = [0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      const [ids, values] = take(set, rng.permutation(size).slice(0, size / 5));
      removing += await secondsOf(() => index.remove(ids));
      adding += await secondsOf(() => index.add(ids, values));
      log(`${name}, round ${round + 1} of ${ROUNDS}`);
    }
    const label = `${name}, ${size} points`;
    const changed = await stateOf(index, set, exact);
    rows.push(...compare(`${label}, a random fifth replaced ${ROUNDS} times`, changed, fresh, 'fresh build'));
    const perPoint = 1e6 / ((ROUNDS * size) / 5);
    const inserted = (1e6 * building) / size;
    rows.push(
      numbers(
        `${label}, removal`,
        'microseconds a point',
        removing * perPoint,
        inserted,
        'insertion in a build',
      ),
      numbers(
        `${label}, addition of a fifth`,
        'microseconds a point',
        adding * perPoint,
        inserted,
        'insertion in a build',
      ),
    );
    index.close();
    if (space.kind !== 'poincare') continue;

    const norm = (row: number) => Math.hypot(...vectors.subarray(row * columns, (row + 1) * columns));
    const order = Int32Array.from({ length: size }, (_, i) => i).sort((a, b) => norm(a) - norm(b));
    const [rootIds, rootValues] = take(set, order.slice(0, size / 5));
    const [restIds, restValues] = take(set, order.slice(size / 5).sort());
    const [whole] = await built(set, vectors);
    await Promise.all([whole.remove(rootIds), exact.remove(rootIds)]);
    const [rest] = await built(set, restValues, restIds);
    const peer = 'fresh build of the rest';
    rows.push(
      ...compare(
        `${label}, without the fifth nearest the root`,
        await stateOf(whole, set, exact),
        await stateOf(rest, set, exact),
        peer,
      ),
    );
    await Promise.all([whole.add(rootIds, rootValues), exact.add(rootIds, rootValues)]);
    rows.push(
      ...compare(`${label}, that fifth added again`, await stateOf(whole, set, exact), fresh, 'fresh build'),
    );
    whole.close();
    rest.close();
  }
  return rows;
}

async function built(
  { space }: DataSet,
  vectors: Float32Array,
  ids?: BigInt64Array,
): Promise<[VectorIndex, number]> {
  const start = performance.now();
  const index = await buildIndex({ space, vectors, ids, engine: 'hnsw' });
  return [index, (performance.now() - start) / 1000];
}
