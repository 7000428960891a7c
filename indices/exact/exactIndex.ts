import { requireInteger } from '../../src/core/checks.js';
import { type Matrix32, takeRows } from '../../src/core/matrix.js';
import type { NeighborTable } from '../../src/core/records.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import type { Native } from '../../src/native/index.js';
import { claimIds, requireIds, requireVectors } from '../checks.js';
import { writeIndexFile } from '../format/indexFile.js';
import { Gate } from '../gate.js';
import type { IndexSettings, IndexStats, SearchOptions, VectorIndex } from '../vectorIndex.js';
import { nearestInSlices } from './nearestInSlices.js';

/** Compares every query with every point. Rows are kept in ascending order of ids, so that ties go to the smaller id. */
export class ExactIndex implements VectorIndex {
  private readonly gate = new Gate();
  private known: Set<bigint> | undefined;
  private rows: Matrix32;
  private ids: BigInt64Array;

  /**
   * Takes the arrays over without checking or copying them.
   * @param native undefined: TypeScript does the work, in slices between which the event loop runs
   */
  constructor(
    readonly space: Space,
    rows: Matrix32,
    ids: BigInt64Array,
    private readonly settings: IndexSettings,
    private readonly native: Native | undefined,
  ) {
    [this.rows, this.ids] = sortById(rows, ids);
  }

  get size(): number {
    return this.rows.rows;
  }

  get columns(): number {
    return columnsOf(this.space);
  }

  async add(ids: BigInt64Array | undefined, vectors: Float32Array): Promise<void> {
    const checked = requireVectors(this.space, vectors, 'add vectors');
    const added = { ...checked, data: checked.data.slice() };
    const given = ids && requireIds(ids, added.rows, 0);
    await this.gate.write(async () => {
      const newIds = given ?? requireIds(undefined, added.rows, this.size);
      this.known ??= new Set(this.ids);
      claimIds(this.known, newIds);
      const data = new Float32Array(this.rows.data.length + added.data.length);
      data.set(this.rows.data);
      data.set(added.data, this.rows.data.length);
      const allIds = new BigInt64Array(this.ids.length + newIds.length);
      allIds.set(this.ids);
      allIds.set(newIds, this.ids.length);
      [this.rows, this.ids] = sortById({ ...this.rows, data, rows: allIds.length }, allIds);
    });
  }

  async search(queries: Float32Array, k: number, options: SearchOptions = {}): Promise<NeighborTable> {
    const points = requireVectors(this.space, queries, 'search queries');
    requireInteger(k, 1, 'search k', 2 ** 31 - 2);
    if (options.ef !== undefined) requireInteger(options.ef, 1, 'search ef');
    if (options.threads !== undefined) requireInteger(options.threads, 1, 'search threads');
    return this.gate.read(async () => {
      const { rows, ids: rowIds } = this;
      const found = this.native
        ? await this.native.exactSearch(this.space, rows, points, k, options)
        : await nearestInSlices(this.space, rows, points, k, options.signal);
      const ids = new BigInt64Array(found.rows.length);
      for (let i = 0; i < ids.length; i++) ids[i] = found.rows[i] < 0 ? -1n : rowIds[found.rows[i]];
      return { ids, distances: found.distances, rows: points.rows, k };
    });
  }

  stats(): IndexStats {
    return { engine: 'exact', size: this.size, ...this.settings, unreachable: 0 };
  }

  async countUnreachable(): Promise<number> {
    return 0;
  }

  save(path: string): Promise<void> {
    return this.gate.read(() =>
      writeIndexFile(path, {
        space: this.space,
        engine: 'exact',
        settings: this.settings,
        rows: this.rows,
        ids: this.ids,
        graph: undefined,
      }),
    );
  }

  close(): void {
    this.gate.close();
    this.rows = { data: new Float32Array(0), rows: 0, columns: this.columns };
    this.ids = new BigInt64Array(0);
    this.known = undefined;
  }
}

function sortById(rows: Matrix32, ids: BigInt64Array): [Matrix32, BigInt64Array] {
  if (ids.every((id, i) => i === 0 || ids[i - 1] < id)) return [rows, ids];
  const order = Int32Array.from(ids.keys()).sort((a, b) => (ids[a] < ids[b] ? -1 : 1));
  return [takeRows(rows, order), BigInt64Array.from(order, (i) => ids[i])];
}
