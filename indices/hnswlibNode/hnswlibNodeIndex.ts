import { setImmediate } from 'node:timers/promises';
import { type Matrix32, row, takeRows } from '../../src/core/matrix.js';
import type { NeighborTable } from '../../src/core/records.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { kernelOf } from '../../src/geometry/kernel.js';
import {
  failTwice,
  failUnknown,
  freeIds,
  requireAddition,
  requireDistinct,
  requireIds,
  requireRemoval,
  requireSearch,
  withEf,
} from '../checks.js';
import { ExactIndex } from '../exact/exactIndex.js';
import { allowedBy, resolveFilter } from '../filter.js';
import { Gate } from '../gate.js';
import { RowStore } from '../rowStore.js';
import { searchRadius } from '../searchRadius.js';
import type {
  IndexSettings,
  IndexStats,
  RadiusNeighbors,
  RadiusOptions,
  RecallEstimate,
  SearchOptions,
  VectorIndex,
} from '../vectorIndex.js';
import type { HnswlibNode } from './library.js';
import { openShelves, type Shelves } from './shelves.js';

/** The package blocks its thread: after so many milliseconds the event loop gets its turn. */
const TURN_MS = 30;
/** The beam that decides whether a point counts as unreachable. */
const UNREACHABLE_EF = 50;
/** Where a filter lets so few through that ef of them lie among more than 1/16 of the points, those are compared with. */
const SCAN_SHARE = 16;

/**
 * Graphs of hnswlib-node find candidates, which are ranked by their distance in float64. Flat spaces have one graph,
 * hyperbolic ones one for each band of radius. Vectors are kept beside the package's own copies.
 */
export class HnswlibNodeIndex implements VectorIndex {
  private readonly gate = new Gate();
  private store: RowStore;
  private rowOfId = new Map<bigint, number>();
  private shelves: Shelves;
  private recall: RecallEstimate | undefined;

  /** @throws UsageError for a space that it cannot serve */
  constructor(
    readonly space: Space,
    private settings: IndexSettings,
    private readonly library: HnswlibNode,
    private readonly bandWidth: number | undefined,
  ) {
    this.store = new RowStore(columnsOf(space));
    this.shelves = openShelves(space, settings, library, bandWidth);
  }

  get size(): number {
    this.gate.requireOpen();
    return this.rowOfId.size;
  }

  get columns(): number {
    return columnsOf(this.space);
  }

  async add(ids: BigInt64Array | undefined, vectors: Float32Array): Promise<void> {
    const added = requireAddition(this.space, ids, vectors);
    await this.gate.inTurn(async () => {
      const isTaken = (some: BigInt64Array) => some.some((id) => this.rowOfId.has(id));
      const own = added.ids ?? freeIds(this.size, added.rows.rows, isTaken, () => this.ids());
      requireDistinct(own);
      for (const id of own) if (this.rowOfId.has(id)) failTwice(id);
      await this.insert(own, added.rows);
    });
  }

  async update(ids: BigInt64Array, vectors: Float32Array): Promise<void> {
    const changed = requireAddition(this.space, ids, vectors, 'update');
    requireIds(ids, 'update ids');
    requireDistinct(ids);
    const own = ids.slice();
    await this.gate.inTurn(async () => {
      for (const id of own) if (!this.rowOfId.has(id)) failUnknown(id, 'update');
      await this.insert(own, changed.rows);
    });
  }

  async remove(ids: BigInt64Array): Promise<void> {
    const own = requireRemoval(ids);
    await this.gate.inTurn(async () => {
      for (const id of own) if (!this.rowOfId.has(id)) failUnknown(id, 'remove');
      for (const id of own) this.hide(id);
    });
  }

  /** Builds the graphs anew: the package does not give back what a removed point took. */
  compact(): Promise<void> {
    return this.gate.inTurn(async () => {
      if (this.store.size === this.rowOfId.size) return;
      const ids = this.ids();
      const rows = { data: this.get(ids), rows: ids.length, columns: this.columns };
      const fresh = new HnswlibNodeIndex(this.space, this.settings, this.library, this.bandWidth);
      await fresh.insert(ids, rows);
      this.store = fresh.store;
      this.rowOfId = fresh.rowOfId;
      this.shelves = fresh.shelves;
    });
  }

  async search(queries: Float32Array, k: number, options: SearchOptions = {}): Promise<NeighborTable> {
    const points = requireSearch(this.space, queries, k, options);
    return this.gate.pass(async () => {
      const { ef = this.settings.ef, exact = false, filter, signal } = options;
      const allowed = filter && (await resolveFilter(filter, () => this.ids(), signal));
      const rows = allowed && this.rowsAllowed(allowedBy(allowed));
      const width = Math.max(ef, k);
      const there = rows?.size ?? this.size;
      const few = rows !== undefined && there ** 2 <= SCAN_SHARE * width * this.size;
      const ids = new BigInt64Array(points.rows * k).fill(-1n);
      const distances = new Float32Array(points.rows * k).fill(Number.POSITIVE_INFINITY);
      let turn = performance.now();
      for (let i = 0; i < points.rows; i++) {
        if (performance.now() - turn > TURN_MS) {
          await setImmediate();
          turn = performance.now();
        }
        signal?.throwIfAborted();
        const query = row(points, i);
        let found =
          exact || few
            ? undefined
            : await this.shelves.nearest(query, k, ef, (some) => this.measure(query, some), rows);
        // A walk may end with fewer points than there are.
        if (!found || found.size < Math.min(k, there)) found = this.compareWithAll(query, rows);
        this.rank(found, k, ids.subarray(i * k, (i + 1) * k), distances.subarray(i * k, (i + 1) * k));
      }
      signal?.throwIfAborted();
      return { ids, distances, rows: points.rows, k };
    });
  }

  searchRadius(queries: Float32Array, radius: number, options?: RadiusOptions): Promise<RadiusNeighbors> {
    return searchRadius(this, queries, radius, options);
  }

  ids(): BigInt64Array {
    this.gate.requireOpen();
    return BigInt64Array.from(this.rowOfId.keys());
  }

  get(ids: BigInt64Array): Float32Array {
    this.gate.requireOpen();
    requireIds(ids);
    return takeRows(
      this.store.rows,
      Int32Array.from(ids, (id) => this.rowOfId.get(id) ?? failUnknown(id)),
    ).data;
  }

  setEf(ef: number): void {
    this.gate.requireOpen();
    this.settings = withEf(this.settings, ef);
  }

  noteRecall(estimate: RecallEstimate): void {
    this.recall = estimate;
  }

  stats(): IndexStats {
    const { size, columns, recall } = this;
    // The package does not say what its graphs take: vectors and links on the lowest level, beside our own copy.
    const bytes = this.store.size * (8 * columns + 8 * this.settings.m + 28);
    return {
      engine: 'hnswlib-node',
      size,
      ...this.settings,
      unreachable: undefined,
      recall,
      bytes,
      distances: 0,
    };
  }

  countUnreachable(): Promise<number> {
    return this.gate.inTurn(async () => {
      let count = 0;
      for (const place of this.rowOfId.values()) {
        const query = row(this.store.rows, place);
        const measure = (some: readonly number[]) => this.measure(query, some);
        const found = await this.shelves.nearest(query, 1, UNREACHABLE_EF, measure, undefined);
        // An equal point may stand for it.
        const nearest = Math.min(Number.POSITIVE_INFINITY, ...found.values());
        if (!(nearest <= measure([place])[0])) count++;
      }
      return count;
    });
  }

  /** The package's links cannot be changed: this counts. */
  repair(): Promise<number> {
    return this.countUnreachable();
  }

  /** Points and settings, without the graphs, which are built again when it is opened. */
  save(path: string): Promise<void> {
    return this.gate.inTurn(() => {
      const ids = this.ids();
      const rows = { data: this.get(ids), rows: ids.length, columns: this.columns };
      return new ExactIndex(this.space, rows, ids, this.settings, undefined).save(path);
    });
  }

  close(): void {
    this.gate.close();
    this.store = new RowStore(this.columns);
    this.rowOfId = new Map();
    this.shelves = openShelves(this.space, this.settings, this.library, this.bandWidth);
  }

  /** Ids that are there get new rows. The package blocks its thread, so the event loop gets its turn in between. */
  async insert(ids: BigInt64Array, rows: Matrix32): Promise<void> {
    let turn = performance.now();
    for (let i = 0; i < ids.length; i++) {
      if (performance.now() - turn > TURN_MS) {
        await setImmediate();
        turn = performance.now();
      }
      const place = this.store.size;
      const values = row(rows, i);
      this.store.append({ data: values, rows: 1, columns: this.columns }, ids.subarray(i, i + 1));
      if (this.rowOfId.has(ids[i])) this.hide(ids[i]);
      this.shelves.add(values, place);
      this.rowOfId.set(ids[i], place);
    }
  }

  private hide(id: bigint): void {
    const place = this.rowOfId.get(id) as number;
    this.shelves.hide(row(this.store.rows, place), place);
    this.rowOfId.delete(id);
  }

  private rowsAllowed(allows: (id: bigint) => boolean): ReadonlySet<number> {
    const rows = new Set<number>();
    for (const [id, place] of this.rowOfId) if (allows(id)) rows.add(place);
    return rows;
  }

  private measure(query: Float32Array, rows: readonly number[]): Float64Array {
    const kernel = kernelOf(this.space);
    const some = takeRows(this.store.rows, rows);
    const distances = new Float64Array(rows.length);
    const one = { data: query, rows: 1, columns: this.columns };
    kernel.distances(kernel.load(one, 0, 1), 0, kernel.load(some, 0, some.rows), distances);
    return distances;
  }

  private compareWithAll(query: Float32Array, rows: ReadonlySet<number> | undefined): Map<number, number> {
    const all = [...(rows ?? this.rowOfId.values())];
    const distances = this.measure(query, all);
    return new Map(all.map((place, i) => [place, distances[i]]));
  }

  private rank(
    found: ReadonlyMap<number, number>,
    k: number,
    ids: BigInt64Array,
    distances: Float32Array,
  ): void {
    const ranked = Array.from(found, ([place, d]) => ({ id: this.store.ids[place], d: Math.fround(d) }));
    ranked.sort((a, b) => a.d - b.d || (a.id < b.id ? -1 : 1));
    ranked.slice(0, k).forEach(({ id, d }, j) => {
      ids[j] = id;
      distances[j] = d;
    });
  }
}
