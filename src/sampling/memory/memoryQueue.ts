import { requireFinite, requireInteger, requireLength } from '../../core/checks.js';
import { expectation, ShapeError, UsageError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';
import type { Metric } from '../../manifolds/manifold.js';

export interface MemoryQueueOptions {
  /** Most entries, >= 1. */
  readonly capacity: number;
  /** Of an embedding: all heads side by side, in the order of the space. */
  readonly columns: number;
  /** Steps whose batches see no memory, because the encoder still moves fast. Default 0. */
  readonly warmUp?: number;
}

/** Embedded items of which a queue takes the values. */
export interface MemoryItems {
  /** [n, columns] */
  readonly embeddings: tf.Tensor2D;
  /** [n], int32 */
  readonly labels: tf.Tensor1D;
  /** [n], int32, >= 0: the items' numbers in the data, so that an item is known again. Absent: -1, never the same. */
  readonly ids?: tf.Tensor1D;
}

/** Oldest first; the tensors are the queue's own, and good until its next change. */
export type MemoryEntries = Required<MemoryItems>;

/** How old the entries are, in steps: 1 for those of the last step. 0 and 0 of an empty queue. */
export interface Staleness {
  readonly meanAge: number;
  readonly maxAge: number;
}

/** Plain JSON. */
export interface MemoryQueueState {
  readonly step: number;
  /** Step and number of entries, oldest first. */
  readonly runs: readonly (readonly [step: number, count: number])[];
  /** [entries * columns] */
  readonly embeddings: readonly number[];
  readonly labels: readonly number[];
  readonly ids: readonly number[];
}

/**
 * The embeddings of past batches, the newest `capacity` of them, to compare a batch with more than itself. They are
 * values: no gradient reaches the encoder through them.
 * @source Wang et al. 2020, arXiv:1912.06798 (cross-batch memory); He et al. 2020, arXiv:1911.05722 (MoCo's queue of keys)
 */
export class MemoryQueue {
  private kept: MemoryEntries | undefined;
  private runs: { readonly step: number; readonly count: number }[] = [];
  private step = 0;
  private readonly warmUp: number;

  /** @throws UsageError unless capacity, columns >= 1 and warmUp >= 0 are whole numbers */
  constructor(private readonly options: MemoryQueueOptions) {
    this.warmUp = options.warmUp ?? 0;
    requireInteger(options.capacity, 1, 'MemoryQueue capacity');
    requireInteger(options.columns, 1, 'MemoryQueue columns');
    requireInteger(this.warmUp, 0, 'MemoryQueue warmUp');
  }

  /** Number of entries. */
  get size(): number {
    return this.runs.reduce((sum, { count }) => sum + count, 0);
  }

  /** What a batch is compared with: undefined in the first `warmUp` steps and while nothing is in. */
  entries(): MemoryEntries | undefined {
    return this.step < this.warmUp ? undefined : this.kept;
  }

  /**
   * Ends a step: its items go in, the oldest go out. Their tensors stay the caller's.
   * @throws ShapeError for other columns or numbers of labels and ids, UsageError for no items or more than
   *   the capacity
   */
  enqueue(items: MemoryItems): void {
    const { capacity, columns } = this.options;
    requireItems(items, columns);
    const count = items.embeddings.shape[0];
    requireInteger(count, 1, 'MemoryQueue items', capacity);
    const old = this.kept;
    const drop = Math.max(0, this.size + count - capacity);
    this.kept = tf.scope(() => {
      const given = { ...items, ids: items.ids ?? unknownIds(count) };
      return {
        embeddings: tf.keep(appended(old?.embeddings, detached(given.embeddings), drop)),
        labels: tf.keep(appended(old?.labels, given.labels, drop)),
        ids: tf.keep(appended(old?.ids, given.ids, drop)),
      };
    });
    disposeOf(old);
    this.step += 1;
    this.runs = withoutOldest([...this.runs, { step: this.step, count }], drop);
  }

  staleness(): Staleness {
    const size = this.size;
    if (size === 0) return { meanAge: 0, maxAge: 0 };
    const ages = this.runs.map(({ step, count }) => ({ age: this.step - step + 1, count }));
    return {
      meanAge: ages.reduce((sum, { age, count }) => sum + age * count, 0) / size,
      maxAge: Math.max(...ages.map(({ age }) => age)),
    };
  }

  /**
   * How far entries lie from where the encoder puts their items now, in the unit of the metric.
   * @param positions [k], int32, 0 the oldest @param fresh [k, columns], the same items embedded anew
   * @throws UsageError for an empty queue or no items, ShapeError unless there is one position for each
   */
  async drift(
    metric: Metric,
    positions: tf.Tensor1D,
    fresh: tf.Tensor2D,
  ): Promise<{ readonly mean: number; readonly max: number }> {
    const { kept } = this;
    requireLength(positions.size, fresh.shape[0], 'MemoryQueue drift positions');
    if (!kept || positions.size === 0) {
      throw new UsageError(
        expectation('MemoryQueue drift', 'at least one entry', 'none', 'enqueue items first'),
      );
    }
    const { mean, max } = tf.scope(() => {
      const d = metric.dist(tf.gather(kept.embeddings, positions), fresh);
      return { mean: tf.mean(d), max: tf.max(d) };
    });
    const [[ofMean], [ofMax]] = await Promise.all([mean.data(), max.data()]);
    tf.dispose([mean, max]);
    return { mean: ofMean, max: ofMax };
  }

  async save(): Promise<MemoryQueueState> {
    const { kept } = this;
    const valuesOf = async (t: tf.Tensor | undefined) => (t ? Array.from(await t.data()) : []);
    const [embeddings, labels, ids] = await Promise.all(
      [kept?.embeddings, kept?.labels, kept?.ids].map(valuesOf),
    );
    const runs = this.runs.map(({ step, count }) => [step, count] as const);
    return { step: this.step, runs, embeddings, labels, ids };
  }

  /**
   * Goes on where `save` stood.
   * @throws ShapeError for arrays of other lengths, DomainError for an embedding that is not finite, UsageError for more
   *   entries than the capacity or what are no whole numbers; nothing is changed then
   */
  restore({ step, runs, embeddings, labels, ids }: MemoryQueueState): void {
    const { capacity, columns } = this.options;
    requireInteger(step, 0, 'MemoryQueue state step');
    for (const [at, count] of runs) {
      requireInteger(at, 1, 'MemoryQueue state run', step);
      requireInteger(count, 1, 'MemoryQueue state run', capacity);
    }
    const size = runs.reduce((sum, [, count]) => sum + count, 0);
    requireInteger(size, 0, 'MemoryQueue state size', capacity);
    requireLength(embeddings.length, size * columns, 'MemoryQueue state embeddings');
    requireLength(labels.length, size, 'MemoryQueue state labels');
    requireLength(ids.length, size, 'MemoryQueue state ids');
    requireFinite(embeddings, columns, 'MemoryQueue state embeddings');
    for (const value of [...labels, ...ids])
      requireInteger(value, -(2 ** 31), 'MemoryQueue state', 2 ** 31 - 1);
    this.dispose();
    this.step = step;
    this.runs = runs.map(([at, count]) => ({ step: at, count }));
    if (runs.length === 0) return;
    this.kept = tf.scope(() => ({
      embeddings: tf.keep(tf.tensor2d([...embeddings], [size, columns])),
      labels: tf.keep(tf.tensor1d([...labels], 'int32')),
      ids: tf.keep(tf.tensor1d([...ids], 'int32')),
    }));
  }

  /** Frees the entries; the queue is as new. */
  dispose(): void {
    disposeOf(this.kept);
    this.kept = undefined;
    this.runs = [];
    this.step = 0;
  }
}

/** The values of x, through which no gradient goes: it is 0. */
export function detached<T extends tf.Tensor>(x: T): T {
  const op = tf.customGrad((input) => ({
    value: tf.clone(input as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }));
  return op(x) as T;
}

function unknownIds(count: number): tf.Tensor1D {
  return tf.fill([count], -1, 'int32');
}

function disposeOf(entries: MemoryEntries | undefined): void {
  if (entries) tf.dispose([entries.embeddings, entries.labels, entries.ids]);
}

/** The rows of old but for the first `drop`, then those of fresh. */
function appended<T extends tf.Tensor>(old: T | undefined, fresh: T, drop: number): T {
  const stay = (old?.shape[0] ?? 0) - drop;
  if (!old || stay <= 0) return tf.clone(fresh);
  const rest = old.shape.slice(1);
  const kept = tf.slice(old, [drop, ...rest.map(() => 0)], [stay, ...rest]) as T;
  return tf.concat([kept, fresh], 0);
}

function withoutOldest<R extends { readonly count: number }>(runs: readonly R[], drop: number): R[] {
  let left = drop;
  return runs.flatMap((run) => {
    const gone = Math.min(left, run.count);
    left -= gone;
    return gone === run.count ? [] : [{ ...run, count: run.count - gone }];
  });
}

function requireItems({ embeddings, labels, ids }: MemoryItems, columns: number): void {
  const refuse = (name: string, expected: string, got: unknown) => {
    throw new ShapeError(expectation(`MemoryQueue ${name}`, expected, got, 'pass one row for each item'));
  };
  const [n, width] = embeddings.shape;
  if (embeddings.rank !== 2 || width !== columns) refuse('embeddings', `[n, ${columns}]`, embeddings.shape);
  for (const [name, tensor] of Object.entries({ labels, ids })) {
    if (!tensor) continue;
    if (tensor.rank !== 1 || tensor.size !== n) refuse(name, `[${n}]`, tensor.shape);
    if (tensor.dtype !== 'int32') refuse(name, 'int32', tensor.dtype);
  }
}
