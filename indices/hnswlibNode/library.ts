import { createRequire } from 'node:module';
import { MissingError } from '../../src/core/errors.js';

/** A graph of hnswlib-node 3.0.0, as far as it is used here. */
export interface HnswlibGraph {
  initIndex(options: { maxElements: number; m: number; efConstruction: number; randomSeed: number }): void;
  resizeIndex(maxElements: number): void;
  addPoint(point: number[], label: number): void;
  markDelete(label: number): void;
  setEf(ef: number): void;
  searchKnn(
    query: number[],
    k: number,
    filter?: (label: number) => boolean,
  ): { readonly neighbors: number[]; readonly distances: number[] };
}

/** The module hnswlib-node. */
export interface HnswlibNode {
  readonly HierarchicalNSW: new (space: 'l2' | 'ip' | 'cosine', columns: number) => HnswlibGraph;
}

/** @throws MissingError where the optional package is not installed, or was not compiled when it was */
export function requireHnswlibNode(given: HnswlibNode | undefined): HnswlibNode {
  if (given) return given;
  try {
    return createRequire(import.meta.url)('hnswlib-node') as HnswlibNode;
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new MissingError(
      `engine "hnswlib-node": the package cannot be loaded (${reason}): run \`npm install hnswlib-node@3.0.0\` ` +
        'with install scripts allowed, or pass the module as `hnswlib`',
      { cause },
    );
  }
}
