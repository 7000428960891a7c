import { ExactIndex } from '../../indices/exact/exactIndex.js';
import { type BuildIndexOptions, buildIndex, type VectorIndex } from '../../indices/index.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { addon, available } from '../native/addon.js';

export interface Engine {
  readonly name: string;
  /** False where the machine cannot run it. */
  readonly available: boolean;
  build(space: Space, vectors: BuildIndexOptions['vectors'], ids?: BigInt64Array): Promise<VectorIndex>;
}

/** Every engine behind VectorIndex. */
export const ENGINES: readonly Engine[] = [
  {
    name: 'exact in TypeScript',
    available: true,
    async build(space, vectors, ids) {
      const built = await buildIndex({ space, vectors, ids, engine: 'exact' });
      const { m, efConstruction, ef, seed } = built.stats();
      const stored = built.ids();
      const rows = { data: built.get(stored), rows: stored.length, columns: columnsOf(space) };
      return new ExactIndex(space, rows, stored, { m, efConstruction, ef, seed }, undefined);
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
