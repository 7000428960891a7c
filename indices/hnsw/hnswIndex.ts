import { requireInteger } from '../../src/core/checks.js';
import type { Matrix32 } from '../../src/core/matrix.js';
import type { NeighborTable } from '../../src/core/records.js';
import { Rng } from '../../src/core/rng.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import type { Native, NativeGraph } from '../../src/native/index.js';
import { claimIds, requireIds, requireVectors } from '../checks.js';
import { writeIndexFile } from '../format/indexFile.js';
import { Gate } from '../gate.js';
import { RowStore } from '../rowStore.js';
import type { IndexSettings, IndexStats, SearchOptions, VectorIndex } from '../vectorIndex.js';
import { makeReachable, type Reachability, UNREACHABLE_EF } from './reachability.js';

export interface HnswBuildOptions {
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Number of points inserted so far. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** A graph of the addon over rows kept here. */
export class HnswIndex implements VectorIndex {
  private readonly gate = new Gate();
  private known: Set<bigint> | undefined;

  private constructor(
    readonly space: Space,
    private readonly store: RowStore,
    private readonly settings: IndexSettings,
    private readonly graph: NativeGraph,
    private reachability: Reachability,
  ) {}

  /** Takes the arrays over without checking or copying them. The graph depends on rows, their order and settings alone. */
  static async build(
    native: Native,
    space: Space,
    rows: Matrix32,
    ids: BigInt64Array,
    settings: IndexSettings,
    { threads, signal, onProgress }: HnswBuildOptions,
  ): Promise<HnswIndex> {
    const graph = native.createGraph(space, settings);
    // In sorted order (leaves of a tree first, say) hnswlib loses more points than in random order.
    const order = new Rng(settings.seed).split('insertion order').permutation(rows.rows);
    await graph.insert(rows, order, { signal, onProgress });
    const reachability = await makeReachable(graph, undefined, { threads, signal });
    return new HnswIndex(space, new RowStore(rows, ids), settings, graph, reachability);
  }

  /** @throws Error saying what is wrong with links, nodes or stragglers */
  static async restore(
    native: Native,
    space: Space,
    rows: Matrix32,
    ids: BigInt64Array,
    settings: IndexSettings,
    saved: SavedGraph,
  ): Promise<HnswIndex> {
    const graph = native.createGraph(space, settings);
    await graph.restore(rows, saved.links, saved.nodeOfRow);
    graph.setStragglers(saved.stragglers);
    const { stragglers, unreachable } = saved;
    const reachability = { stragglers, unreachable, checkedNodes: graph.nodes };
    return new HnswIndex(space, new RowStore(rows, ids), settings, graph, reachability);
  }

  get size(): number {
    return this.store.size;
  }

  get columns(): number {
    return columnsOf(this.space);
  }

  async add(ids: BigInt64Array | undefined, vectors: Float32Array): Promise<void> {
    const checked = requireVectors(this.space, vectors, 'add vectors');
    const added = { ...checked, data: checked.data.slice() };
    const given = ids && requireIds(ids, added.rows, 0);
    await this.gate.write(async () => {
      const before = this.size;
      const newIds = given ?? requireIds(undefined, added.rows, before);
      this.known ??= new Set(this.store.ids);
      claimIds(this.known, newIds);
      this.store.append(added, newIds);
      const order = new Rng(this.settings.seed)
        .split(`insertion order from ${before}`)
        .permutation(added.rows);
      await this.graph.insert(
        this.store.rows,
        order.map((i) => before + i),
      );
      this.reachability = await makeReachable(this.graph, this.reachability, {});
    });
  }

  async search(queries: Float32Array, k: number, options: SearchOptions = {}): Promise<NeighborTable> {
    const points = requireVectors(this.space, queries, 'search queries');
    requireInteger(k, 1, 'search k', 2 ** 31 - 2);
    const ef = options.ef ?? this.settings.ef;
    requireInteger(ef, 1, 'search ef', 2 ** 31 - 2);
    if (options.threads !== undefined) requireInteger(options.threads, 1, 'search threads');
    return this.gate.read(async () => {
      const { rows, ids } = this.store;
      const found = await this.graph.search(rows, ids, points, k, { ...options, ef });
      return { ...found, rows: points.rows, k };
    });
  }

  stats(): IndexStats {
    const { unreachable } = this.reachability;
    return { engine: 'hnsw', size: this.size, ...this.settings, unreachable };
  }

  countUnreachable(): Promise<number> {
    return this.gate.read(async () => {
      const missed = new Set(await this.graph.missed(0, { ef: UNREACHABLE_EF, stragglers: true }));
      return this.graph.dump().nodeOfRow.reduce((sum, node) => sum + (missed.has(node) ? 1 : 0), 0);
    });
  }

  save(path: string): Promise<void> {
    return this.gate.read(() =>
      writeIndexFile(path, {
        space: this.space,
        engine: 'hnsw',
        settings: this.settings,
        rows: this.store.rows,
        ids: this.store.ids,
        graph: { ...this.graph.dump(), ...this.reachability },
      }),
    );
  }

  close(): void {
    this.gate.close();
    this.graph.close();
  }
}

/** A graph as it lies in a file. */
export interface SavedGraph {
  readonly links: Uint32Array;
  readonly nodeOfRow: Int32Array;
  readonly stragglers: Int32Array;
  readonly unreachable: number | undefined;
}
