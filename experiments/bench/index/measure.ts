import { settle } from '../bench.js';
import { recallOf } from './atRecall.js';
import type { Built, Counted, Searched } from './protocol.js';
import { CORES, K, type Running } from './sides.js';

/** Those of a comparison at equal ef, then those that only lead to high recall. */
export const EFS = [10, 20, 50, 100] as const;
export const ALL_EFS = [...EFS, 200, 400] as const;

/** How long a side searches at one ef. */
export interface Pace {
  readonly rounds: number;
  readonly warmUp: number;
  readonly seconds: number;
}

/** What one side did; every list has a number a round. */
export interface Measurement {
  readonly version: string;
  readonly parallel: boolean;
  /** Seconds, by number of threads. */
  readonly build: Map<number, number[]>;
  /** By ef; 0..1. */
  readonly recall: Map<number, number[]>;
  /** Queries a second, by ef. */
  readonly oneThread: Map<number, number[]>;
  readonly allCores: Map<number, number[]>;
  /** A query, by ef; none where not counted. */
  readonly distances: Map<number, number>;
  /** Bytes a vector by which the process grew in its first build; undefined: not known. */
  resident: number | undefined;
  /** Bytes a vector that the index itself states. */
  stated: number | undefined;
}

/**
 * All sides, ours first, round by round. Within a round they take turns: each builds, then at each ef each searches, so
 * that what else the machine does hits all.
 */
export async function measure(
  sides: readonly Running[],
  size: number,
  truth: readonly number[],
  { rounds, ...pace }: Pace,
  log: (line: string) => void,
): Promise<Measurement[]> {
  const results = sides.map(
    ({ version, side }): Measurement => ({
      ...{ version, parallel: side.parallel, build: new Map(), recall: new Map(), distances: new Map() },
      ...{ oneThread: new Map(), allCores: new Map(), resident: undefined, stated: undefined },
    }),
  );
  for (let round = 0; round < rounds; round++) {
    for (const [i, { side, peer, version }] of sides.entries()) {
      for (const threads of side.buildThreads) {
        log(`  round ${round + 1}: ${version} builds, threads ${threads} ...`);
        const { seconds, resident, stated } = await peer.ask<Built>({ task: 'build', threads });
        note(results[i].build, threads, seconds);
        if (stated !== undefined && stated > 0) results[i].stated = stated / size;
        // Later builds take memory that the first one gave back.
        if (round === 0 && threads === side.buildThreads[0] && resident > 0)
          results[i].resident = resident / size;
        await settle();
      }
    }
    log(`  round ${round + 1}: all search ...`);
    for (const ef of ALL_EFS) {
      for (const [i, { peer }] of sides.entries()) {
        const question = { task: 'search', ef, threads: 1, ...pace };
        const { perSecond, neighbors } = await peer.ask<Searched>(question);
        note(results[i].oneThread, ef, perSecond);
        note(results[i].recall, ef, recallOf(neighbors, truth, K));
        if (round > 0) continue;
        const { distances } = await peer.ask<Counted>({ task: 'count', ef });
        if (typeof distances === 'number') results[i].distances.set(ef, distances);
      }
    }
    if (CORES > 1) await searchOnAllCores(sides, results, pace);
  }
  return results;
}

async function searchOnAllCores(
  sides: readonly Running[],
  results: readonly Measurement[],
  pace: Omit<Pace, 'rounds'>,
): Promise<void> {
  for (const ef of EFS) {
    for (const [i, { side, peer }] of sides.entries()) {
      if (!side.parallel) continue;
      await settle();
      const question = { task: 'search', ef, threads: CORES, ...pace };
      note(results[i].allCores, ef, (await peer.ask<Searched>(question)).perSecond);
    }
  }
}

function note(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key) ?? [];
  list.push(value);
  lists.set(key, list);
}
