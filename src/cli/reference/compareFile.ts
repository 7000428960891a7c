import { basename } from 'node:path';
import { accuracy } from './accuracy.js';
import { compareLeaves, EXACT, type Row } from './compare.js';
import type { Format } from './format.js';
import { geometry } from './geometry.js';
import { type JsonObject, leavesOf } from './leaves.js';
import { quality } from './quality.js';
import { so3 } from './so3.js';

interface Kind {
  /** Name of the file, without .json. */
  readonly name: string;
  /** A key of its top level that no other kind has, by which a file of another name is known. */
  readonly mark: string;
  load(): Promise<Format>;
}

const KINDS: readonly Kind[] = [
  { name: 'accuracy', mark: 'recallAtK', load: async () => accuracy },
  { name: 'geometry', mark: 'cases', load: async () => geometry },
  // The tensor engine is loaded where it is needed: it takes a second.
  { name: 'losses', mark: 'pairwise', load: async () => (await import('./losses.js')).losses },
  { name: 'miners', mark: 'miners', load: async () => (await import('./miners.js')).miners },
  { name: 'quality', mark: 'trustworthiness', load: async () => quality },
  { name: 'so3', mark: 'sphericalHarmonics', load: async () => so3 },
];

/** Recomputes every quantity of one file. @throws UsageError where a quantity of ours lacks an input */
export async function compareFile(path: string, file: JsonObject): Promise<Row[]> {
  const name = basename(path);
  const kind =
    KINDS.find((k) => `${k.name}.json` === name) ?? KINDS.find(({ mark }) => Object.hasOwn(file, mark));
  const format = kind ? await kind.load() : UNKNOWN;
  const leaves = leavesOf(file, format.shape);
  return compareLeaves(name, leaves, await format.prepare(file), format.toleranceOf);
}

/** A format of which every quantity is a skip. */
const UNKNOWN: Format = {
  shape: { inputs: [] },
  prepare: async () => () => undefined,
  toleranceOf: () => EXACT,
};
