import type { IndexSettings } from '../vectorIndex.js';
import type { HnswlibGraph, HnswlibNode } from './library.js';

const FIRST = 64;

/** One graph of hnswlib-node that grows. Labels are row numbers of the index. */
export class Shelf {
  private readonly graph: HnswlibGraph;
  private capacity = FIRST;
  private used = 0;
  /** Points that searches find. */
  size = 0;

  constructor(
    library: HnswlibNode,
    measure: 'l2' | 'ip' | 'cosine',
    columns: number,
    { m, efConstruction, seed }: IndexSettings,
  ) {
    this.graph = new library.HierarchicalNSW(measure, columns);
    this.graph.initIndex({ maxElements: this.capacity, m, efConstruction, randomSeed: seed });
  }

  add(point: ArrayLike<number>, label: number): void {
    if (this.used === this.capacity) {
      this.capacity *= 2;
      this.graph.resizeIndex(this.capacity);
    }
    // The package takes arrays of numbers alone.
    this.graph.addPoint(Array.from(point), label);
    this.used++;
    this.size++;
  }

  hide(label: number): void {
    this.graph.markDelete(label);
    this.size--;
  }

  /** The nearest `count` as far as a walk with `ef` finds them, nearest first, with the package's distances. */
  nearest(
    query: readonly number[],
    count: number,
    ef: number,
    filter?: (label: number) => boolean,
  ): { readonly rows: readonly number[]; readonly distances: readonly number[] } {
    const k = Math.min(count, this.size);
    if (k === 0) return { rows: [], distances: [] };
    this.graph.setEf(Math.max(ef, k));
    const { neighbors, distances } = this.graph.searchKnn(query as number[], k, filter);
    return { rows: neighbors, distances };
  }
}
