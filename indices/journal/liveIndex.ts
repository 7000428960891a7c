import { resolve } from 'node:path';
import { expectation, StorageError, UsageError } from '../../src/core/errors.js';
import type { NeighborTable } from '../../src/core/records.js';
import type { Space } from '../../src/core/space.js';
import {
  failTwice,
  failUnknown,
  freeIds,
  requireAddition,
  requireDistinct,
  requireRemoval,
} from '../checks.js';
import { requireWalkable } from '../hnsw/requireWalkable.js';
import type {
  IndexStats,
  RadiusNeighbors,
  RadiusOptions,
  RecallEstimate,
  SearchOptions,
  VectorIndex,
} from '../vectorIndex.js';
import { applyChanges } from './applyChanges.js';
import { type Change, changeBytes } from './changes.js';
import { Journal, MAX_BATCH, requireBatchSize } from './journalFile.js';
import type { LiveVectorIndex } from './liveVectorIndex.js';
import type { WriterLock } from './writerLock.js';

/** An index that can be changed while its file is written, and says what that file became. */
export interface SavableIndex extends VectorIndex {
  has(ids: BigInt64Array): boolean[];
  /** @param follows the id of the file that this one replaces @returns the id of the new file */
  saveAs(path: string, follows?: string): Promise<Buffer>;
}

interface Waiting {
  /**
   * What is to be recorded; undefined for work that stands alone.
   * @throws for ids that do not fit what is there
   */
  readonly prepare: ((look: Look) => Change) | undefined;
  readonly work: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** The index as it will be once the changes before have been made. */
interface Look {
  has(ids: BigInt64Array): boolean[];
  size(): number;
  ids(): BigInt64Array;
}

const nothing = async () => {};

/**
 * A change is checked, written to the journal together with all that wait, flushed, made in memory, and only
 * then acknowledged: what was acknowledged is there after any end of the process, and what the journal
 * refused never shows.
 */
export class LiveIndex implements LiveVectorIndex {
  private readonly waiting: Waiting[] = [];
  private running: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private broken: Error | undefined;

  constructor(
    private readonly path: string,
    private readonly inner: SavableIndex,
    private log: Journal,
    private readonly lock: WriterLock,
    private id: Buffer,
  ) {}

  get space(): Space {
    return this.inner.space;
  }
  get size(): number {
    return this.inner.size;
  }
  get columns(): number {
    return this.inner.columns;
  }
  get journal(): { readonly bytes: number; readonly batches: number } {
    return this.log.size;
  }

  async add(ids: BigInt64Array | undefined, vectors: Float32Array): Promise<void> {
    const added = requireAddition(this.space, ids, vectors);
    this.requireStorable(added.rows);
    if (added.ids) requireDistinct(added.ids);
    if (added.rows.rows === 0) return;
    await this.change((look) => {
      const given = added.ids;
      const taken = (some: BigInt64Array) => look.has(some).some(Boolean);
      const own = given ?? freeIds(look.size(), added.rows.rows, taken, () => look.ids());
      const twice = look.has(own).indexOf(true);
      if (twice >= 0) failTwice(own[twice]);
      return { kind: 'add', ids: own, vectors: added.rows.data };
    });
  }

  async update(ids: BigInt64Array, vectors: Float32Array): Promise<void> {
    const updated = requireAddition(this.space, ids, vectors, 'update');
    this.requireStorable(updated.rows);
    const known = requireRemoval(ids);
    if (known.length === 0) return;
    await this.change((look) => {
      requireKnown(look, known, 'update');
      return { kind: 'update', ids: known, vectors: updated.rows.data };
    });
  }

  async remove(ids: BigInt64Array): Promise<void> {
    const known = requireRemoval(ids);
    if (known.length === 0) return;
    await this.change((look) => {
      requireKnown(look, known, 'remove');
      return { kind: 'remove', ids: known };
    });
  }

  search(queries: Float32Array, k: number, options?: SearchOptions): Promise<NeighborTable> {
    return this.inner.search(queries, k, options);
  }
  searchRadius(queries: Float32Array, radius: number, options?: RadiusOptions): Promise<RadiusNeighbors> {
    return this.inner.searchRadius(queries, radius, options);
  }
  ids(): BigInt64Array {
    return this.inner.ids();
  }
  get(ids: BigInt64Array): Float32Array {
    return this.inner.get(ids);
  }
  setEf(ef: number): void {
    this.inner.setEf(ef);
  }
  noteRecall(estimate: RecallEstimate): void {
    this.inner.noteRecall(estimate);
  }
  stats(): IndexStats {
    return this.inner.stats();
  }

  compact(): Promise<void> {
    return this.alone(() => this.inner.compact());
  }
  countUnreachable(): Promise<number> {
    return this.alone(() => this.inner.countUnreachable());
  }
  repair(): Promise<number> {
    return this.alone(() => this.inner.repair());
  }

  /** To its own file: as checkpoint. */
  async save(path: string): Promise<void> {
    if (resolve(path) === resolve(this.path)) return this.checkpoint();
    await this.alone(() => this.inner.save(path));
  }

  checkpoint(): Promise<void> {
    return this.alone(async () => {
      // The file says which one it follows, so that a journal that was not yet replaced is known to be in it.
      const id = await this.inner.saveAs(this.path, this.id.toString('hex'));
      const old = this.log;
      this.id = id;
      try {
        this.log = await Journal.create(this.path, id);
      } catch (error) {
        this.broken = new StorageError(
          expectation(
            `index ${this.path}`,
            'a new journal',
            (error as Error).message,
            'open the index again',
          ),
          { cause: error },
        );
        throw error;
      }
      await old.close();
    });
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      await this.running;
      const { batches } = this.log.size;
      this.inner.close();
      await this.log.close();
      if (batches === 0 && !this.broken) await Journal.remove(this.path);
      await this.lock.release();
    })();
    return this.closing;
  }

  /** A row that cannot be stored must not come into the journal, which could not be read again. */
  private requireStorable(rows: Parameters<typeof requireWalkable>[1]): void {
    if (this.stats().engine === 'hnsw') requireWalkable(this.space, rows, 'hnsw vectors');
  }

  private change(prepare: (look: Look) => Change): Promise<unknown> {
    return this.enqueue(prepare, nothing);
  }

  private alone<T>(work: () => Promise<T>): Promise<T> {
    return this.enqueue(undefined, work) as Promise<T>;
  }

  private enqueue(prepare: Waiting['prepare'], work: Waiting['work']): Promise<unknown> {
    if (this.closing) {
      return Promise.reject(new UsageError('index: it has been closed; open it again'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ prepare, work, resolve, reject });
      this.running ??= this.run();
    });
  }

  private async run(): Promise<void> {
    // Calls of the same turn of the event loop belong into one batch.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      if (this.waiting[0].prepare) await this.commit();
      else await settle(this.waiting.shift() as Waiting);
    }
    this.running = undefined;
  }

  /** Makes the changes that wait, up to the next work that stands alone. */
  private async commit(): Promise<void> {
    const accepted: Waiting[] = [];
    const changes: Change[] = [];
    const look = new Ahead(this.inner);
    for (let bytes = 0; this.waiting[0]?.prepare; ) {
      const next = this.waiting[0];
      try {
        if (this.broken) throw this.broken;
        const change = (next.prepare as NonNullable<Waiting['prepare']>)(look);
        requireBatchSize(change);
        bytes += changeBytes(change);
        if (bytes > MAX_BATCH) break;
        look.note(change);
        changes.push(change);
        accepted.push(next);
      } catch (error) {
        next.reject(error);
      }
      this.waiting.shift();
    }
    if (changes.length === 0) return;
    try {
      await this.log.append(changes);
    } catch (error) {
      for (const { reject } of accepted) reject(error);
      return;
    }
    try {
      await applyChanges(this.inner, changes);
      for (const { resolve } of accepted) resolve(undefined);
    } catch (cause) {
      const remedy = 'open the index again: the journal holds the change';
      this.broken = new StorageError(
        expectation(`index ${this.path}`, 'memory for the change', (cause as Error).message, remedy),
        { cause },
      );
      for (const { reject } of accepted) reject(this.broken);
    }
  }
}

async function settle({ work, resolve, reject }: Waiting): Promise<void> {
  try {
    resolve(await work());
  } catch (error) {
    reject(error);
  }
}

function requireKnown(look: Look, ids: BigInt64Array, who: string): void {
  const unknown = look.has(ids).indexOf(false);
  if (unknown >= 0) failUnknown(ids[unknown], who);
}

/** An index with the changes of a batch that have not been made yet. */
class Ahead implements Look {
  private readonly changed = new Map<bigint, boolean>();
  private more = 0;

  constructor(private readonly index: SavableIndex) {}

  note({ kind, ids }: Change): void {
    if (kind === 'update') return;
    for (const id of ids) this.changed.set(id, kind === 'add');
    this.more += kind === 'add' ? ids.length : -ids.length;
  }

  has(ids: BigInt64Array): boolean[] {
    const stored = this.index.has(ids);
    return Array.from(ids, (id, i) => this.changed.get(id) ?? stored[i]);
  }

  size(): number {
    return this.index.size + this.more;
  }

  ids(): BigInt64Array {
    const stored = this.index.ids().filter((id) => this.changed.get(id) !== false);
    const known = new Set(stored);
    const more = [...this.changed].flatMap(([id, there]) => (there && !known.has(id) ? [id] : []));
    const ids = new BigInt64Array(stored.length + more.length);
    ids.set(stored);
    ids.set(more, stored.length);
    return ids;
  }
}
