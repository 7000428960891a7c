import { type BenchRow, benchRow, quantile } from '../bench.js';
import { speedAtRecall } from './atRecall.js';
import { ALL_EFS, EFS, type Measurement } from './measure.js';
import { QUERIES } from './sets.js';
import { CORES, K } from './sides.js';

export const TARGETS = [0.99, 0.999] as const;

/** Ours beside each peer: seconds of a build and of all queries, then what is not time. */
export function rowsOf(set: string, ours: Measurement, peers: readonly Measurement[]): BenchRow[] {
  return peers.flatMap((peer) => [
    ...buildRows(set, ours, peer),
    ...EFS.flatMap((ef) => speedRows(set, ef, ours, peer)),
    ...EFS.map((ef) => {
      const of = ({ recall }: Measurement) => medianAt(recall, ef);
      return figure(`${set}, ef ${ef}`, 'recall@10', of(ours), of(peer), peer.version, of(ours) / of(peer));
    }),
    ...TARGETS.map((target) => atRecallRow(set, target, ours, peer)),
    ...costRows(set, ours, peer),
  ]);
}

function buildRows(set: string, ours: Measurement, peer: Measurement): BenchRow[] {
  return [...peer.build].map(([threads, seconds]) =>
    benchRow(`${set}, build, threads ${threads}`, peer.version, ours.build.get(threads) ?? [], seconds),
  );
}

function speedRows(set: string, ef: number, ours: Measurement, peer: Measurement): BenchRow[] {
  const row = (name: string, mine: Measurement['oneThread'], theirs: Measurement['oneThread']) =>
    benchRow(
      `${set}, ${QUERIES} queries, ef ${ef}, ${name}`,
      peer.version,
      secondsOf(mine.get(ef)),
      secondsOf(theirs.get(ef)),
    );
  const rows = [row('threads 1', ours.oneThread, peer.oneThread)];
  if (CORES === 1) return rows;
  return peer.parallel
    ? [...rows, row(`threads ${CORES}`, ours.allCores, peer.allCores)]
    : [...rows, row(`threads ${CORES}, the peer's 1`, ours.allCores, peer.oneThread)];
}

/** Seconds for all queries at equal recall; where a side does not reach it, the best recall of both. */
function atRecallRow(set: string, target: number, ours: Measurement, peer: Measurement): BenchRow {
  const [mine, theirs] = [ours, peer].map((side) => speedsAt(side, target));
  if (reached(mine) && reached(theirs)) {
    const name = `${set}, ${QUERIES} queries at recall ${target}, threads 1`;
    return benchRow(name, peer.version, secondsOf(mine), secondsOf(theirs));
  }
  const [best, theirBest] = [ours, peer].map(({ recall }) =>
    Math.max(...ALL_EFS.map((ef) => medianAt(recall, ef))),
  );
  const who = [reached(mine) ? '' : 'us', reached(theirs) ? '' : 'the peer'].filter(Boolean).join(' and ');
  const name = `${set}, recall ${target} not reached by ${who}, best to ef ${ALL_EFS.at(-1)}`;
  return figure(name, 'recall@10', best, theirBest, peer.version, best / theirBest);
}

/** Queries a second on one thread, a number a round; see speedAtRecall. */
export function speedsAt({ recall, oneThread }: Measurement, target: number): (number | undefined)[] {
  const rounds = oneThread.get(ALL_EFS[0]) ?? [];
  return rounds.map((_, round) => {
    const points = ALL_EFS.map((ef) => ({
      ...{ ef, recall: recall.get(ef)?.[round] ?? 0, perSecond: oneThread.get(ef)?.[round] ?? 0 },
    }));
    return speedAtRecall(points, target, QUERIES * K);
  });
}

export function reached(speeds: readonly (number | undefined)[]): speeds is readonly number[] {
  return speeds.every((speed) => speed !== undefined);
}

function costRows(set: string, ours: Measurement, peer: Measurement): BenchRow[] {
  const rows = EFS.flatMap((ef) => {
    const [mine, theirs] = [ours.distances.get(ef), peer.distances.get(ef)];
    if (mine === undefined || theirs === undefined) return [];
    return [figure(`${set}, ef ${ef}`, 'distances a query', mine, theirs, peer.version, theirs / mine)];
  });
  const { stated, resident } = ours;
  if (peer.resident === undefined) return rows;
  const bytes = (name: string, mine: number | undefined) =>
    mine === undefined || peer.resident === undefined
      ? []
      : [
          figure(
            `${set}, ${name}`,
            'bytes a vector',
            mine,
            peer.resident,
            peer.version,
            peer.resident / mine,
          ),
        ];
  return [
    ...rows,
    ...bytes('memory stated, the peer by growth of its process', stated),
    ...bytes('growth of the process', resident),
  ];
}

/** A row that is not time. @param ratio how many times better ours is */
export function figure(
  name: string,
  unit: string,
  ours: number,
  peer: number,
  peerVersion: string,
  ratio: number,
): BenchRow {
  return { case: name, ours, peer, peerVersion, ratio, low: ratio, high: ratio, unit };
}

export function medianAt(lists: ReadonlyMap<number, readonly number[]>, key: number): number {
  return quantile(lists.get(key) ?? [], 0.5);
}

function secondsOf(perSecond: readonly number[] = []): number[] {
  return perSecond.map((speed) => QUERIES / speed);
}
