import { ExactIndex } from '../../indices/exact/exactIndex.js';
import { buildIndex, type VectorIndex } from '../../indices/index.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { addon, available } from '../native/addon.js';

export interface Engine {
  readonly name: string;
  /** False where the machine cannot run it. */
  readonly available: boolean;
  build(space: Space, vectors: Float32Array, ids?: BigInt64Array): Promise<VectorIndex>;
}

const settings = { m: 16, efConstruction: 200, ef: 64, seed: 1 };

/** Every engine behind VectorIndex. */
export const ENGINES: readonly Engine[] = [
  {
    name: 'exact in TypeScript',
    available: true,
    async build(space, vectors, ids) {
      const columns = columnsOf(space);
      const rows = { data: vectors.slice(), rows: vectors.length / columns, columns };
      const given = ids?.slice() ?? BigInt64Array.from({ length: rows.rows }, (_, i) => BigInt(i));
      return new ExactIndex(space, rows, given, settings, undefined);
    },
  },
  {
    name: 'exact in the addon',
    available,
    async build(space, vectors, ids) {
      addon();
      return buildIndex({ space, vectors, ids, engine: 'exact' });
    },
  },
  {
    name: 'hnsw',
    available,
    build: (space, vectors, ids) => buildIndex({ space, vectors, ids, engine: 'hnsw' }),
  },
];

/** Share of the expected ids that were found, 0..1. */
export function recall(found: BigInt64Array, expected: BigInt64Array, k: number): number {
  let hits = 0;
  for (let at = 0; at < expected.length; at += k) {
    const row = new Set(found.subarray(at, at + k));
    for (const id of expected.subarray(at, at + k)) hits += row.has(id) ? 1 : 0;
  }
  return hits / expected.length;
}
