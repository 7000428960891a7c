import type { Matrix32 } from '../core/matrix.js';
import { columnsOf, type Space } from '../core/space.js';
import type { NativeBinding, NativeGraphHandle, NativeGraphState } from './binding.js';
import { type TaskOptions, threadCount, withControl } from './control.js';
import { encodeSpace } from './encodeSpace.js';

export type { NativeGraphState } from './binding.js';

export interface GraphOptions {
  /** Links a node keeps on upper levels, 2..512; twice as many on the lowest. */
  readonly m: number;
  /** Candidates considered for the links of a new node, 1..1000000. */
  readonly efConstruction: number;
  /** Of the levels and of the order of insertion, 0..2^32-1. */
  readonly seed: number;
}

export interface GraphTaskOptions extends TaskOptions {
  /** Default: one a core. No result depends on it. */
  readonly threads?: number | undefined;
}

export interface GraphSearchOptions extends GraphTaskOptions {
  readonly ef: number;
  /** Compares with every row. */
  readonly exact?: boolean | undefined;
  /** Ids that may be found, in any order, or a bit for each: id i is bit i % 8 of byte i / 8. Default: all. */
  readonly filter?: BigInt64Array | Uint8Array | undefined;
}

/** Parts of a graph that read() copies, as enum Part of links.h numbers them; docs/formats.md says what they hold. */
const PARTS = ['values', 'ids', 'levels', 'lowest', 'upper', 'scalars'] as const;
export type GraphPart = (typeof PARTS)[number];

/** As enum Storage of codes.h numbers them. */
const STORAGES = ['float32', 'bfloat16', 'int8'] as const;
export type Storage = (typeof STORAGES)[number];

/** The links of a graph as restore() takes them back. */
export interface GraphLinks {
  readonly levels: Int8Array;
  readonly lowest: Uint32Array;
  readonly upper: Uint32Array;
  readonly entry: number;
  readonly twins: Int32Array;
  readonly stragglers: Int32Array;
}

/** An index file as docs/formats.md describes it. */
export interface GraphFile {
  readonly size: number;
  /** Where each block begins, and its bytes: ids, vectors, scalars, levels, lowest, upper, twins, stragglers, sums. */
  readonly layout: readonly (readonly [at: number, bytes: number])[];
  readonly rows: number;
  /** -1 without nodes. */
  readonly entry: number;
}

/**
 * Points under ids and the graph over them, in the addon's memory. Points must be valid (requirePoints). All work is off
 * the event loop. append, link, remove, compact, repair and restore must be called one at a time; searches and reads may run beside them.
 */
export class NativeGraph {
  private readonly handle: NativeGraphHandle;
  private readonly columns: number;

  constructor(
    binding: NativeBinding,
    space: Space,
    private readonly options: GraphOptions,
  ) {
    const { m, efConstruction, seed } = options;
    this.columns = columnsOf(space);
    this.handle = new binding.Graph(encodeSpace(space), m, efConstruction, seed);
  }

  state(): NativeGraphState {
    return this.handle.state();
  }

  /**
   * Stores rows that link() makes visible, all or none.
   * @param replace the ids are there: the rows take the place of theirs
   * @returns the place of an id that occurs twice or is there already (with `replace`: is not there), or -1
   */
  append(rows: Matrix32, ids: BigInt64Array, replace = false): Promise<number> {
    return this.handle.append(rows.data, ids, replace);
  }

  /** Removes rows, all or none. @returns the place of an id that occurs twice or is not there, or -1 */
  remove(ids: BigInt64Array, { threads }: GraphTaskOptions = {}): Promise<number> {
    return this.handle.remove(ids, threadCount(threads));
  }

  /** Closes the gaps that removals left, with other numbers for rows: needed before read(). */
  compact({ threads }: GraphTaskOptions = {}): Promise<void> {
    return this.handle.compact(threadCount(threads));
  }

  /** Inserts what was appended. Stopped by its signal, it leaves a graph that refuses to work. */
  link({ threads, ...task }: GraphTaskOptions = {}): Promise<void> {
    return withControl(task, (control) => this.handle.link(threadCount(threads), control));
  }

  /**
   * Links rows that a search for themselves misses: all are looked at, or those added since the last time and twice as
   * many old ones.
   * @returns the number of rows missed even so; -1 if not all were looked at
   */
  repair(all: boolean, { threads, ...task }: GraphTaskOptions = {}): Promise<number> {
    return withControl(task, (control) => this.handle.repair(all, threadCount(threads), control));
  }

  /** Ids and distances of min(k, rows) neighbours, both [queries, k], padded with -1 and Infinity. */
  async search(
    queries: Matrix32,
    k: number,
    { ef, exact = false, filter, threads, ...task }: GraphSearchOptions,
  ): Promise<{ ids: BigInt64Array; distances: Float32Array }> {
    const ids = new BigInt64Array(queries.rows * k).fill(-1n);
    const distances = new Float32Array(queries.rows * k).fill(Number.POSITIVE_INFINITY);
    await withControl(task, (control) =>
      this.handle.search(queries.data, k, ef, exact, threadCount(threads), control, ids, distances, filter),
    );
    return { ids, distances };
  }

  /** Rows that a search for themselves with `ef` does not return. */
  countMissed(ef: number, { threads, ...task }: GraphTaskOptions = {}): Promise<number> {
    return withControl(task, (control) => this.handle.countMissed(ef, threadCount(threads), control));
  }

  /** The ids of all rows, a copy. */
  ids(): BigInt64Array {
    return this.handle.ids();
  }

  /** Whether each id is there: 1 or 0. */
  has(ids: BigInt64Array): Uint8Array {
    return this.handle.has(ids);
  }

  /** Copies of the rows of ids, [ids, columns], or the place of an id that is not there. */
  copyRows(ids: BigInt64Array): Float32Array | number {
    const vectors = new Float32Array(ids.length * this.columns);
    const unknown = this.handle.copyRows(ids, vectors);
    return unknown < 0 ? vectors : unknown;
  }

  /** Entries of a part, and the bytes of one. */
  shapeOf(part: GraphPart): { readonly entries: number; readonly bytes: number } {
    const { rows, upperLists, scalars } = this.state();
    const { m } = this.options;
    const ofPoints = { values: 4 * this.columns, ids: 8, scalars: 8 * scalars };
    const bytes = { ...ofPoints, levels: 1, lowest: 8 * m + 4, upper: 4 * m + 4 }[part];
    return { entries: part === 'upper' ? upperLists : rows, bytes };
  }

  /** Of a compact graph, copies whole entries from entry `from` on into `bytes`. @throws Error beyond the last entry */
  read(part: GraphPart, from: number, bytes: Uint8Array): Promise<void> {
    return this.handle.read(PARTS.indexOf(part), from, bytes);
  }

  /** The links that are not read in parts. */
  remainder(): Pick<GraphLinks, 'entry' | 'twins' | 'stragglers'> {
    const { entry } = this.state();
    return { entry, twins: this.handle.twins(), stragglers: this.handle.stragglers() };
  }

  /** For rows appended to an empty graph. @throws Error saying what is wrong, for links that no graph over them has */
  restore({ levels, lowest, upper, entry, twins, stragglers }: GraphLinks): Promise<void> {
    return this.handle.restore(levels, lowest, upper, entry, twins, stragglers);
  }

  /**
   * Makes an empty graph that of a file, whose memory it shares until it changes something. Nothing is read yet.
   * @param file its number, which may be closed afterwards
   * @throws Error where a file cannot be mapped or its blocks are not in it
   */
  map(file: number, { size, layout, rows, entry }: GraphFile): void {
    this.handle.map(file, size, Float64Array.from(layout.flat()), rows, entry);
  }

  /**
   * Checks and takes what was mapped; before this there are no rows.
   * @param storage of the vectors that searches walk on
   * @throws Error saying what is damaged, or that this space has no small storage
   */
  async touch(storage: Storage): Promise<void> {
    await this.handle.touch(threadCount(undefined), false, STORAGES.indexOf(storage));
  }

  /** The same, done when it returns. */
  touchNow(storage: Storage): void {
    this.handle.touch(threadCount(undefined), true, STORAGES.indexOf(storage));
  }

  /** Frees the memory once running calls are done. */
  close(): void {
    this.handle.close();
  }
}
