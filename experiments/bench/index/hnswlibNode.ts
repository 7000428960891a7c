import { createRequire } from 'node:module';
import { type Points, type Side, serve } from './server.js';

interface Graph {
  initIndex(options: object): void;
  addPoint(point: number[], label: number): void;
  setEf(ef: number): void;
  searchKnn(query: number[], k: number): { readonly neighbors: number[] };
}

interface Addon {
  readonly HierarchicalNSW: new (space: 'l2', columns: number) => Graph;
}

/** It takes arrays of numbers alone, one point or query a call, on one thread; they are made before time is taken. */
function open({ opening, vectors, queries }: Points): Side {
  // Compiled by compilePeers.ts: what the package itself requires is made by its install script.
  const { HierarchicalNSW } = createRequire(import.meta.url)(process.argv[2]) as Addon;
  const { columns, m, efConstruction, seed, k } = opening;
  const [points, asked] = [vectors, queries].map((data) =>
    Array.from({ length: data.length / columns }, (_, i) => [
      ...data.subarray(i * columns, (i + 1) * columns),
    ]),
  );
  let graph = new HierarchicalNSW('l2', columns);
  return {
    async build() {
      graph = new HierarchicalNSW('l2', columns);
      graph.initIndex({ maxElements: points.length, m, efConstruction, randomSeed: seed });
      points.forEach((point, i) => {
        graph.addPoint(point, i);
      });
    },
    prepare: (ef) => graph.setEf(ef),
    search: async () => asked.flatMap((query) => graph.searchKnn(query, k).neighbors),
  };
}

await serve('hnswlib-node 3.0.0', open);
