import { type Matrix32, takeRows } from '../../src/core/matrix.js';
import type { NeighborTable } from '../../src/core/records.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import type { Native } from '../../src/native/index.js';
import {
  claimIds,
  failUnknown,
  freeIds,
  requireAddition,
  requireDistinct,
  requireIds,
  requireRemoval,
  requireSearch,
  withEf,
} from '../checks.js';
import { allowedBy, type PlainFilter, resolveFilter } from '../filter.js';
import { arrayBlock } from '../format/blocks.js';
import { writeIndexFile } from '../format/indexFile.js';
import { Gate } from '../gate.js';
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
import { nearestInSlices } from './nearestInSlices.js';

/** Compares every query with every point. Rows are kept in ascending order of ids, so that ties go to the smaller id. */
export class ExactIndex implements VectorIndex {
  private readonly gate = new Gate();
  private known: Set<bigint> | undefined;
  private rows: Matrix32;
  private rowIds: BigInt64Array;
  private recall: RecallEstimate | undefined;

  /**
   * Takes the arrays over without checking or copying them.
   * @param native undefined: TypeScript does the work, in slices between which the event loop runs
   */
  constructor(
    readonly space: Space,
    rows: Matrix32,
    ids: BigInt64Array,
    private settings: IndexSettings,
    private readonly native: Native | undefined,
  ) {
    [this.rows, this.rowIds] = sortById(rows, ids);
  }

  get size(): number {
    this.gate.requireOpen();
    return this.rows.rows;
  }

  get columns(): number {
    return columnsOf(this.space);
  }

  async add(ids: BigInt64Array | undefined, vectors: Float32Array): Promise<void> {
    const added = requireAddition(this.space, ids, vectors);
    await this.gate.inTurn(async () => {
      this.known ??= new Set(this.rowIds);
      const { known } = this;
      const isTaken = (some: BigInt64Array) => some.some((id) => known.has(id));
      const newIds = added.ids ?? freeIds(this.size, added.rows.rows, isTaken, () => this.rowIds);
      claimIds(known, newIds);
      const data = new Float32Array(this.rows.data.length + added.rows.data.length);
      data.set(this.rows.data);
      data.set(added.rows.data, this.rows.data.length);
      const allIds = new BigInt64Array(this.rowIds.length + newIds.length);
      allIds.set(this.rowIds);
      allIds.set(newIds, this.rowIds.length);
      // Searches that run go on with the arrays that they began with.
      [this.rows, this.rowIds] = sortById({ ...this.rows, data, rows: allIds.length }, allIds);
    });
  }

  async update(ids: BigInt64Array, vectors: Float32Array): Promise<void> {
    const changed = requireAddition(this.space, ids, vectors, 'update');
    requireIds(ids, 'update ids');
    requireDistinct(ids);
    const own = ids.slice();
    await this.gate.inTurn(async () => {
      const places = Int32Array.from(own, (id) => placeOf(this.rowIds, id, 'update'));
      const data = this.rows.data.slice();
      places.forEach((place, i) => {
        const { columns } = this.rows;
        data.set(changed.rows.data.subarray(i * columns, (i + 1) * columns), place * columns);
      });
      this.rows = { ...this.rows, data };
    });
  }

  async remove(ids: BigInt64Array): Promise<void> {
    const own = requireRemoval(ids);
    await this.gate.inTurn(async () => {
      const gone = new Set(Int32Array.from(own, (id) => placeOf(this.rowIds, id, 'remove')));
      if (gone.size === 0) return;
      const left = Int32Array.from(this.rowIds.keys()).filter((place) => !gone.has(place));
      [this.rows, this.rowIds] = [takeRows(this.rows, left), BigInt64Array.from(left, (i) => this.rowIds[i])];
      for (const id of own) this.known?.delete(id);
    });
  }

  /** There is nothing to give back. */
  compact(): Promise<void> {
    return this.gate.inTurn(async () => {});
  }

  async search(queries: Float32Array, k: number, options: SearchOptions = {}): Promise<NeighborTable> {
    const points = requireSearch(this.space, queries, k, options);
    return this.gate.pass(async () => {
      const { filter, ...rest } = options;
      const allowed = filter && (await resolveFilter(filter, () => this.ids(), rest.signal));
      const { rows, rowIds } = this.among(allowed);
      const found = this.native
        ? await this.native.exactSearch(this.space, rows, points, k, rest)
        : await nearestInSlices(this.space, rows, points, k, rest.signal);
      const ids = new BigInt64Array(found.rows.length);
      for (let i = 0; i < ids.length; i++) ids[i] = found.rows[i] < 0 ? -1n : rowIds[found.rows[i]];
      return { ids, distances: found.distances, rows: points.rows, k };
    });
  }

  searchRadius(queries: Float32Array, radius: number, options?: RadiusOptions): Promise<RadiusNeighbors> {
    return searchRadius(this, queries, radius, options);
  }

  ids(): BigInt64Array {
    this.gate.requireOpen();
    return this.rowIds.slice();
  }

  /** Whether there is a point under each id. */
  has(ids: BigInt64Array): boolean[] {
    this.gate.requireOpen();
    return Array.from(ids, (id) => this.rowIds[searchId(this.rowIds, id)] === id);
  }

  get(ids: BigInt64Array): Float32Array {
    this.gate.requireOpen();
    requireIds(ids);
    return takeRows(
      this.rows,
      Int32Array.from(ids, (id) => placeOf(this.rowIds, id, 'get')),
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
    const bytes = this.rows.data.byteLength + this.rowIds.byteLength;
    const { recall } = this;
    return {
      engine: 'exact',
      size: this.size,
      ...this.settings,
      unreachable: 0,
      recall,
      bytes,
      distances: 0,
    };
  }

  async countUnreachable(): Promise<number> {
    return 0;
  }

  async repair(): Promise<number> {
    return 0;
  }

  async save(path: string): Promise<void> {
    await this.saveAs(path);
  }

  /** @param follows see IndexHeader @returns the id of the file */
  saveAs(path: string, follows?: string): Promise<Buffer> {
    return this.gate.inTurn(() => {
      const { space, settings, size, rows, rowIds } = this;
      const ends = { entry: -1, unreachable: 0, follows };
      const header = { space, engine: 'exact', count: size, settings, ...ends } as const;
      return writeIndexFile(path, header, [arrayBlock('ids', rowIds), arrayBlock('vectors', rows.data)]);
    });
  }

  /** The rows that a filter lets through, in the order of ids. */
  private among(filter: PlainFilter | undefined): { rows: Matrix32; rowIds: BigInt64Array } {
    if (!filter) return { rows: this.rows, rowIds: this.rowIds };
    const places = placesOf(filter, this.rowIds);
    return { rows: takeRows(this.rows, places), rowIds: BigInt64Array.from(places, (i) => this.rowIds[i]) };
  }

  close(): void {
    this.gate.close();
    this.rows = { data: new Float32Array(0), rows: 0, columns: this.columns };
    this.rowIds = new BigInt64Array(0);
    this.known = undefined;
  }
}

/** Where an id stands in ascending ids, or where it would. */
function searchId(ids: BigInt64Array, id: bigint): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ids[middle] < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sortById(rows: Matrix32, ids: BigInt64Array): [Matrix32, BigInt64Array] {
  if (ids.every((id, i) => i === 0 || ids[i - 1] < id)) return [rows, ids];
  const order = Int32Array.from(ids.keys()).sort((a, b) => (ids[a] < ids[b] ? -1 : 1));
  return [takeRows(rows, order), BigInt64Array.from(order, (i) => ids[i])];
}

/** Where the ids that a filter lets through stand in ascending ids. */
function placesOf(filter: PlainFilter, ids: BigInt64Array): Int32Array {
  if (filter instanceof BigInt64Array && filter.length < ids.length / 8) {
    const known = [...new Set(filter)].filter((id) => ids[searchId(ids, id)] === id);
    return Int32Array.from(known, (id) => searchId(ids, id)).sort();
  }
  const allows = allowedBy(filter);
  return Int32Array.from(ids.keys()).filter((place) => allows(ids[place]));
}

/** @throws UsageError for an unknown id */
function placeOf(ids: BigInt64Array, id: bigint, who: string): number {
  const place = searchId(ids, id);
  return ids[place] === id ? place : failUnknown(id, who);
}
