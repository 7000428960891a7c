import { buildIndex, type VectorIndex } from '../../../indices/index.js';
import type { Space } from '../../../src/index.js';
import { serve } from './server.js';

await serve('gyrometric', ({ opening, vectors, queries }) => {
  const { m, efConstruction, seed, k } = opening;
  const space = opening.space as Space;
  let index: VectorIndex | undefined;
  const built = (): VectorIndex => {
    if (!index) throw new Error('asked before the index was built');
    return index;
  };
  return {
    async build(threads) {
      index?.close();
      index = await buildIndex({ space, vectors, engine: 'hnsw', m, efConstruction, seed, threads });
    },
    search: async (ef, threads) => (await built().search(queries, k, { ef, threads })).ids,
    distances: () => built().stats().distances,
    missed: () => built().countUnreachable(),
    stated: () => built().stats().bytes,
  };
});
