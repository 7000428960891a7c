import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { benchSources, Peer, peersPython } from '../peers.js';
import { compileHnswlib, compileHnswlibNode } from './compilePeers.js';
import { codeOf, forParts, partsOf } from './metric.js';
import type { Opened } from './protocol.js';
import type { DataSet } from './sets.js';

export const CORES = availableParallelism();
export const K = 10;
const GRAPH = { m: 16, efConstruction: 200, k: K } as const;

/** Our process or a peer's. */
export interface Side {
  readonly command: readonly string[];
  /** ours: the space itself; parts: its distance as a function of ours; l2: no other is known to this peer. */
  readonly metric: 'ours' | 'parts' | 'l2';
  /** Of each build that is timed. */
  readonly buildThreads: readonly number[];
  /** Whether it can search on all cores in one process. */
  readonly parallel: boolean;
}

const node = (script: string, ...args: string[]) => [
  ...[process.execPath, '--expose-gc', join(import.meta.dirname, script), ...args],
];

export const ours: Side = {
  command: node('ours.js'),
  metric: 'ours',
  buildThreads: CORES > 1 ? [1, CORES] : [1],
  parallel: true,
};

export function nativeHnswlib(metric: Side['metric'], log: (line: string) => void): Side {
  return { command: [compileHnswlib(log)], metric, buildThreads: [CORES], parallel: true };
}

/** The peers that can serve a set, each at its best: those with a function for the distance, or L2 where it orders alike. */
export function peersOf({ space, name }: DataSet, log: (line: string) => void): Side[] {
  const python = (library: string, metric: Side['metric']): Side => ({
    command: [peersPython(log, 'index'), join(benchSources, 'index', 'peer.py'), library],
    ...{ metric, buildThreads: [CORES], parallel: true },
  });
  const hnswlibNode = (): Side => ({
    command: node('hnswlibNode.js', compileHnswlibNode(log)),
    ...{ metric: 'l2', buildThreads: [1], parallel: false },
  });
  const usearchNode: Side = {
    command: node('usearchNode.js'),
    ...{ metric: 'l2', buildThreads: [CORES], parallel: true },
  };
  if (space.kind === 'cosine') {
    return [
      ...[hnswlibNode(), usearchNode, nativeHnswlib('l2', log)],
      ...['hnswlib', 'usearch', 'faiss'].map((library) => python(library, 'l2')),
    ];
  }
  const custom = [nativeHnswlib('parts', log), python('usearch', 'parts')];
  // What engines of L2 alone reach on hyperbolic points, given as coordinates of the ball.
  return name === 'tree16' ? [...custom, hnswlibNode(), python('faiss', 'l2')] : custom;
}

/** A running side, its points read. */
export interface Running {
  readonly side: Side;
  readonly peer: Peer;
  readonly version: string;
}

/** @param folder for files of points; a set's own */
export async function start(side: Side, set: DataSet, folder: string, seed: number): Promise<Running> {
  const [command, ...args] = side.command;
  const peer = new Peer(command, ...args);
  try {
    const { version } = await open(peer, side, set, folder, seed);
    const suffix = { ours: '', parts: ', true metric', l2: ', L2' }[side.metric];
    return { side, peer, version: set.space.kind === 'cosine' ? version : `${version}${suffix}` };
  } catch (error) {
    peer.close();
    throw error;
  }
}

/** Gives a running side other points, or another seed. */
export function open(peer: Peer, side: Side, set: DataSet, folder: string, seed: number): Promise<Opened> {
  const parts = side.metric === 'parts' ? partsOf(set.space) : [];
  const [vectors, queries] = [set.vectors, set.queries].map((rows) => forParts(parts, rows, set.columns));
  const write = (name: string, rows: Float32Array) => {
    const file = join(folder, `${side.metric}-${name}.f32`);
    writeFileSync(file, rows);
    return file;
  };
  return peer.ask<Opened>({
    ...{ task: 'open', space: set.space, parts: codeOf(parts), seed, ...GRAPH },
    vectors: write('vectors', vectors.rows),
    queries: write('queries', queries.rows),
    columns: vectors.columns,
  });
}
