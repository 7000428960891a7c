import type { BenchContext, BenchRow } from '../bench.js';
import { recallOf } from './atRecall.js';
import type { Missed, Searched } from './protocol.js';
import { figure } from './rows.js';
import { type DataSet, inOrder } from './sets.js';
import { CORES, K, nativeHnswlib, open, ours, type Running, start } from './sides.js';
import { aligned } from './table.js';

/** The beam of a stored point's search for itself. */
const MISSED_EF = 50;

interface Figures {
  readonly recall10: number;
  readonly recall20: number;
  readonly missed: number;
}

/**
 * tree16 inserted in random order, root first and leaves first, each with several seeds of the levels, by us and by
 * hnswlib with the same distance: the worst recall of all seeds, and the most points that a search for themselves
 * misses. We shuffle what we are given, so that the order should not matter.
 */
export async function insertionOrders(
  set: DataSet,
  truth: readonly number[],
  folder: string,
  { quick, log }: BenchContext,
): Promise<{ readonly rows: BenchRow[]; readonly table: string }> {
  const seeds = quick ? [1, 2] : [1, 2, 3, 4, 5];
  const running: Running[] = [];
  const rows: BenchRow[] = [];
  const lines = [[`${set.name}, seeds ${seeds.join(' ')}`, 'recall@10 ef 10', 'ef 20', 'missed']];
  try {
    for (const side of [ours, nativeHnswlib('parts', log)]) {
      running.push(await start(side, set, folder, seeds[0]));
    }
    for (const [name, order] of ordersOf(set)) {
      log(`${set.name}, ${name} ...`);
      const found: Figures[][] = running.map(() => []);
      const sorted = { ...set, vectors: inOrder(set.vectors, set.columns, order) };
      for (const seed of seeds) {
        for (const [i, { peer, side }] of running.entries()) {
          await open(peer, side, sorted, folder, seed);
          found[i].push(await figuresOf(running[i], order, truth));
        }
      }
      for (const [i, { version }] of running.entries()) {
        const column = (key: keyof Figures, digits: number) =>
          found[i].map((f) => f[key].toFixed(digits)).join(' ');
        lines.push([
          `${name}, ${version}`,
          column('recall10', 4),
          column('recall20', 4),
          column('missed', 0),
        ]);
      }
      rows.push(...worst(`${set.name}, ${name}, worst of ${seeds.length} seeds`, found, running[1].version));
    }
  } finally {
    for (const { peer } of running) peer.close();
  }
  return { rows, table: aligned(lines) };
}

function worst(name: string, [mine, theirs]: Figures[][], version: string): BenchRow[] {
  const least = (list: Figures[], key: keyof Figures) => Math.min(...list.map((f) => f[key]));
  const most = (list: Figures[]) => Math.max(...list.map((f) => f.missed));
  const recall = (ef: number, key: keyof Figures) => {
    const [a, b] = [least(mine, key), least(theirs, key)];
    return figure(`${name}, ef ${ef}`, 'recall@10', a, b, version, a / b);
  };
  const ratio = (most(theirs) + 1) / (most(mine) + 1);
  return [
    recall(10, 'recall10'),
    recall(20, 'recall20'),
    figure(`${name}, ef ${MISSED_EF}`, 'missed points', most(mine), most(theirs), version, ratio),
  ];
}

async function figuresOf({ peer }: Running, order: Int32Array, truth: readonly number[]): Promise<Figures> {
  await peer.ask({ task: 'build', threads: CORES });
  const recallAt = async (ef: number) => {
    const question = { task: 'search', ef, threads: CORES, warmUp: 0, seconds: 0 };
    const { neighbors } = await peer.ask<Searched>(question);
    return recallOf(
      neighbors.map((row) => order[row]),
      truth,
      K,
    );
  };
  const [recall10, recall20] = [await recallAt(10), await recallAt(20)];
  const { missed } = await peer.ask<Missed>({ task: 'missed', ef: MISSED_EF });
  return { recall10, recall20, missed };
}

/** Row order[i] of the set comes i-th; by norm, which in the ball grows with the distance from the root. */
function ordersOf({ vectors, columns }: DataSet): (readonly [string, Int32Array])[] {
  const rows = Int32Array.from({ length: vectors.length / columns }, (_, i) => i);
  const norms = Float64Array.from(rows, (i) =>
    Math.hypot(...vectors.subarray(i * columns, (i + 1) * columns)),
  );
  const rootFirst = rows.slice().sort((a, b) => norms[a] - norms[b]);
  return [
    ['random order', rows],
    ['root first', rootFirst],
    ['leaves first', rootFirst.slice().reverse()],
  ];
}
