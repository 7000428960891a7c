import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Points, type Side, serve } from './server.js';

interface Graph {
  add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
  search(queries: Float32Array, k: number, threads: number): { readonly keys: BigUint64Array };
  save(path: string): void;
  load(path: string): void;
}

interface Package {
  readonly Index: new (config: object) => Graph;
}

const load = createRequire(import.meta.url);
const manifest = join(load.resolve('usearch'), '..', '..', '..', '..', 'package.json');
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

/** It takes ef when the index is made alone: the graph is saved once, and opened anew for each ef, untimed. */
function open({ opening, vectors, queries }: Points): Side {
  const { Index } = load('usearch') as Package;
  const { columns, m, efConstruction, k } = opening;
  const make = (ef: number) =>
    new Index({
      ...{ dimensions: columns, metric: 'l2sq', quantization: 'f32', multi: false },
      ...{ connectivity: m, expansion_add: efConstruction, expansion_search: ef },
    });
  const keys = BigUint64Array.from({ length: vectors.length / columns }, (_, i) => BigInt(i));
  const file = `${opening.vectors}.usearch`;
  let graph = make(k);
  let saved = false;
  return {
    async build(threads) {
      graph = make(k);
      graph.add(keys, vectors, threads);
      saved = false;
    },
    prepare(ef) {
      if (!saved) graph.save(file);
      saved = true;
      graph = make(ef);
      graph.load(file);
    },
    search: async (_, threads) => graph.search(queries, k, threads).keys,
  };
}

await serve(`usearch ${version} (npm)`, open);
