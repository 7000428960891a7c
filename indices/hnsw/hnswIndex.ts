import type { Matrix32 } from '../../src/core/matrix.js';
import type { NeighborTable } from '../../src/core/records.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import type { GraphLinks, NativeGraph, NativeGraphState } from '../../src/native/index.js';
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
import { resolveFilter } from '../filter.js';
import { writeIndexFile } from '../format/indexFile.js';
import { Gate } from '../gate.js';
import { searchRadius } from '../searchRadius.js';
import type {
  BuildStage,
  IndexSettings,
  IndexStats,
  RadiusNeighbors,
  RadiusOptions,
  RecallEstimate,
  SearchOptions,
  VectorIndex,
} from '../vectorIndex.js';
import type { FirstTouch } from './firstTouch.js';
import { graphBlocks } from './graphBlocks.js';
import { requireWalkable } from './requireWalkable.js';

/** The beam that decides whether a point counts as unreachable. */
const UNREACHABLE_EF = 50;

export interface HnswBuildOptions {
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Number of points inserted so far, then of points looked for. */
  readonly onProgress?: ((done: number, stage: BuildStage) => void) | undefined;
}

/** A graph of the addon, which keeps the points too. */
export class HnswIndex implements VectorIndex {
  private readonly gate: Gate;
  private unreachable: number | undefined = 0;
  private recall: RecallEstimate | undefined;

  /**
   * Over an empty graph that was made with the same space and settings.
   * @param mapped of a graph that shares the memory of a file
   */
  constructor(
    readonly space: Space,
    private settings: IndexSettings,
    private readonly graph: NativeGraph,
    private readonly mapped?: FirstTouch,
  ) {
    this.gate = new Gate(mapped && (() => mapped.begin()));
  }

  /** Stores points that have been checked; build or restore makes them visible. @throws UsageError for an id that is taken */
  async append(rows: Matrix32, ids: BigInt64Array): Promise<void> {
    requireWalkable(this.space, rows, 'hnsw vectors');
    const taken = await this.graph.append(rows, ids);
    if (taken >= 0) failTwice(ids[taken]);
  }

  /** Links all that was appended. The graph depends on rows, their order and settings alone. */
  async build({ threads, signal, onProgress }: HnswBuildOptions): Promise<void> {
    const during = (stage: BuildStage) => onProgress && ((done: number) => onProgress(done, stage));
    await this.graph.link({ threads, signal, onProgress: during('insert') });
    this.unreachable = await this.graph.repair(true, { threads, signal, onProgress: during('check') });
  }

  /** @throws Error saying what is wrong with the links */
  async restore(links: GraphLinks, unreachable: number | undefined): Promise<void> {
    await this.graph.restore(links);
    this.unreachable = unreachable;
  }

  /** Of a mapped file that nobody has searched. */
  noteUnreachable(unreachable: number | undefined): void {
    this.unreachable = unreachable;
  }

  get size(): number {
    if (this.mapped?.pending) {
      this.gate.requireOpen();
      return this.mapped.count;
    }
    return this.state().rows;
  }

  get columns(): number {
    return columnsOf(this.space);
  }

  async add(ids: BigInt64Array | undefined, vectors: Float32Array): Promise<void> {
    const added = requireAddition(this.space, ids, vectors);
    if (added.rows.rows === 0) return;
    await this.gate.inTurn(async () => {
      const isTaken = (ids: BigInt64Array) => this.graph.has(ids).includes(1);
      const ids = added.ids ?? freeIds(this.size, added.rows.rows, isTaken, () => this.graph.ids());
      await this.append(added.rows, ids);
      await this.linkAppended();
    });
  }

  async update(ids: BigInt64Array, vectors: Float32Array): Promise<void> {
    const changed = requireAddition(this.space, ids, vectors, 'update');
    requireIds(ids, 'update ids');
    requireDistinct(ids);
    const own = ids.slice();
    requireWalkable(this.space, changed.rows, 'hnsw vectors');
    if (own.length === 0) return;
    await this.gate.inTurn(async () => {
      const unknown = await this.graph.append(changed.rows, own, true);
      if (unknown >= 0) failUnknown(own[unknown], 'update');
      await this.linkAppended();
    });
  }

  async remove(ids: BigInt64Array): Promise<void> {
    const own = requireRemoval(ids);
    if (own.length === 0) return;
    await this.gate.inTurn(async () => {
      const unknown = await this.graph.remove(own);
      if (unknown >= 0) failUnknown(own[unknown], 'remove');
      this.unreachable = undefined;
      await this.graph.repair(false);
    });
  }

  compact(): Promise<void> {
    return this.gate.inTurn(() => this.graph.compact());
  }

  async search(queries: Float32Array, k: number, options: SearchOptions = {}): Promise<NeighborTable> {
    const points = requireSearch(this.space, queries, k, options);
    if (!options.exact) requireWalkable(this.space, points, 'hnsw queries');
    return this.gate.pass(async () => {
      const ef = options.ef ?? this.settings.ef;
      const { filter, ...rest } = options;
      const allowed = filter && (await resolveFilter(filter, () => this.ids(), rest.signal));
      const found = await this.graph.search(points, k, { ...rest, ef, filter: allowed });
      return { ...found, rows: points.rows, k };
    });
  }

  searchRadius(queries: Float32Array, radius: number, options?: RadiusOptions): Promise<RadiusNeighbors> {
    return searchRadius(this, queries, radius, options);
  }

  ids(): BigInt64Array {
    this.requireTouched();
    return this.graph.ids();
  }

  /** Whether there is a point under each id. */
  has(ids: BigInt64Array): boolean[] {
    this.requireTouched();
    return Array.from(this.graph.has(ids), (there) => there === 1);
  }

  get(ids: BigInt64Array): Float32Array {
    this.requireTouched();
    requireIds(ids);
    const found = this.graph.copyRows(ids);
    return typeof found === 'number' ? failUnknown(ids[found]) : found;
  }

  setEf(ef: number): void {
    this.gate.requireOpen();
    this.settings = withEf(this.settings, ef);
  }

  noteRecall(estimate: RecallEstimate): void {
    this.recall = estimate;
  }

  stats(): IndexStats {
    const { unreachable, recall } = this;
    const { rows, bytes, distances } = this.state();
    return { engine: 'hnsw', size: rows, ...this.settings, unreachable, recall, bytes, distances };
  }

  countUnreachable(): Promise<number> {
    return this.gate.inTurn(async () => {
      this.unreachable = await this.graph.countMissed(UNREACHABLE_EF);
      return this.unreachable;
    });
  }

  repair(): Promise<number> {
    return this.gate.inTurn(() => this.repairAll());
  }

  async save(path: string): Promise<void> {
    await this.saveAs(path);
  }

  /** @param follows see IndexHeader @returns the id of the file */
  saveAs(path: string, follows?: string): Promise<Buffer> {
    return this.gate.inTurn(async () => {
      await this.graph.compact();
      if (this.unreachable === undefined) await this.repairAll();
      const { space, settings, unreachable, size } = this;
      const { entry, blocks } = graphBlocks(this.graph);
      const header = { space, engine: 'hnsw', count: size, settings, entry, unreachable, follows } as const;
      return writeIndexFile(path, header, blocks);
    });
  }

  close(): void {
    this.gate.close();
    this.graph.close();
  }

  private async linkAppended(): Promise<void> {
    this.unreachable = undefined;
    await this.graph.link();
    await this.graph.repair(false);
  }

  private async repairAll(): Promise<number> {
    this.unreachable = await this.graph.repair(true);
    return this.unreachable;
  }

  private requireTouched(): void {
    this.gate.requireOpen();
    this.mapped?.now();
  }

  private state(): NativeGraphState {
    this.requireTouched();
    return this.graph.state();
  }
}
