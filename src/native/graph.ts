import type { Matrix32 } from '../core/matrix.js';
import type { Space } from '../core/space.js';
import type { NativeBinding, NativeGraphHandle } from './binding.js';
import { type TaskOptions, threadCount, withControl } from './control.js';
import { encodeSpace } from './encodeSpace.js';

export interface GraphOptions {
  /** Links a node keeps on upper levels, 2..512; twice as many on the lowest. */
  readonly m: number;
  /** Candidates considered for the links of a new node, 1..1000000. */
  readonly efConstruction: number;
  /** Of the levels, 0..2^32-1. */
  readonly seed: number;
}

export interface GraphSearchOptions extends TaskOptions {
  readonly ef: number;
  readonly threads?: number | undefined;
}

/**
 * A graph over rows that the caller keeps: each call is given all rows stored so far, in the order they came. Nodes
 * are the distinct rows. Points must be valid (requirePoints). No call may overlap with insert or setStragglers.
 */
export class NativeGraph {
  private readonly handle: NativeGraphHandle;

  constructor(binding: NativeBinding, space: Space, { m, efConstruction, seed }: GraphOptions) {
    this.handle = new binding.Graph(encodeSpace(space), m, efConstruction, seed);
  }

  get nodes(): number {
    return this.handle.nodes();
  }

  /** @param order the new rows' numbers, each once, in the order in which they are to be inserted */
  insert(rows: Matrix32, order: Int32Array, options: TaskOptions = {}): Promise<void> {
    return withControl(options, (control) => this.handle.insert(rows.data, order, control));
  }

  /** Ids and distances of min(k, rows) neighbours, both [queries, k], padded with -1 and Infinity. */
  async search(
    rows: Matrix32,
    ids: BigInt64Array,
    queries: Matrix32,
    k: number,
    { ef, threads, ...task }: GraphSearchOptions,
  ): Promise<{ ids: BigInt64Array; distances: Float32Array }> {
    const found = new BigInt64Array(queries.rows * k).fill(-1n);
    const distances = new Float32Array(queries.rows * k).fill(Number.POSITIVE_INFINITY);
    await withControl(task, (control) =>
      this.handle.search(
        rows.data,
        ids,
        queries.data,
        k,
        ef,
        threadCount(threads),
        control,
        found,
        distances,
      ),
    );
    return { ids: found, distances };
  }

  /** Nodes from `first` on that a search for themselves with `ef` does not return. */
  missed(
    first: number,
    { ef, threads, stragglers, ...task }: GraphSearchOptions & { readonly stragglers: boolean },
  ): Promise<Int32Array> {
    return withControl(task, (control) =>
      this.handle.missed(first, ef, stragglers, threadCount(threads), control),
    );
  }

  /**
   * Links nodes from `first` on that a search for themselves misses to where that search ends.
   * @param rounds passes at most; a pass that adds no link is the last
   * @returns the nodes that are missed even so
   */
  repair(
    first: number,
    { ef, threads, rounds, ...task }: GraphSearchOptions & { readonly rounds: number },
  ): Promise<Int32Array> {
    return withControl(task, (control) =>
      this.handle.repair(first, ef, rounds, threadCount(threads), control),
    );
  }

  /** Nodes that every search looks at beside those it walks to. */
  setStragglers(nodes: Int32Array): void {
    this.handle.setStragglers(nodes);
  }

  /** The links as numbers (hnsw.h says how), and each row's node: what restore needs beside the rows. */
  dump(): { links: Uint32Array; nodeOfRow: Int32Array } {
    return { links: this.handle.links(), nodeOfRow: this.handle.nodeOfRow() };
  }

  /** Into an empty graph. @throws Error saying what is wrong, for links that no graph over these rows has */
  restore(rows: Matrix32, links: Uint32Array, nodeOfRow: Int32Array): Promise<void> {
    return this.handle.restore(rows.data, links, nodeOfRow);
  }

  /** Frees the memory once running calls are done. */
  close(): void {
    this.handle.close();
  }
}
