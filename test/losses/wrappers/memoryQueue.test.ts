import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { comparedWithMemory, crossBatchMemory } from '../../../src/losses/wrappers/crossBatchMemory.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { type MemoryItems, MemoryQueue } from '../../../src/sampling/memory/memoryQueue.js';
import { leakedTensors } from '../../laws/gradient.js';
import {
  evaluate,
  expectGradient,
  expectValue,
  meanOf,
  planOf,
  SPACES,
  uniformRows,
} from '../contrastive/support.js';
import { labelsOf, softmaxLoss } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const loss = softmaxLoss(0.3);
const euclidean = metricOn({ kind: 'euclidean', dim: 2 });

/** Items numbered from `first`, each embedded at (number, 0) and labelled by its parity. */
function numbered(first: number, count: number): MemoryItems {
  const ids = Array.from({ length: count }, (_, i) => first + i);
  return {
    embeddings: tf.tensor2d(ids.map((id) => [id, 0])),
    labels: labelsOf(ids.map((id) => id % 2)),
    ids: labelsOf(ids),
  };
}

function filled(capacity: number, ...counts: number[]): MemoryQueue {
  const queue = new MemoryQueue({ capacity, columns: 2 });
  let first = 0;
  for (const count of counts) {
    tf.tidy(() => queue.enqueue(numbered(first, count)));
    first += count;
  }
  return queue;
}

const idsOf = (queue: MemoryQueue) => Array.from(queue.entries()?.ids.dataSync() ?? []);

describe('MemoryQueue', () => {
  it('keeps the newest items, oldest first, with embeddings, labels and ids together', () => {
    const queue = filled(5, 2, 2, 3);
    expect(queue.size).toBe(5);
    expect(idsOf(queue)).toEqual([2, 3, 4, 5, 6]);
    const entries = queue.entries();
    expect(entries?.embeddings.arraySync().map(([x]) => x)).toEqual([2, 3, 4, 5, 6]);
    expect(Array.from(entries?.labels.dataSync() ?? [])).toEqual([0, 1, 0, 1, 0]);
    tf.tidy(() => queue.enqueue(numbered(7, 5)));
    expect(idsOf(queue)).toEqual([7, 8, 9, 10, 11]);
    queue.dispose();
  });

  it('counts the age of its entries in steps', () => {
    const queue = filled(5, 2, 2, 3);
    // Ages 2, 2, 1, 1, 1.
    expect(queue.staleness()).toEqual({ meanAge: 7 / 5, maxAge: 2 });
    queue.dispose();
    expect(queue.staleness()).toEqual({ meanAge: 0, maxAge: 0 });
  });

  it('shows nothing in the first steps of a warm-up, while it fills', () => {
    const queue = new MemoryQueue({ capacity: 9, columns: 2, warmUp: 2 });
    const seen = [0, 2, 4].map((first) => {
      const before = queue.entries()?.ids.size;
      tf.tidy(() => queue.enqueue(numbered(first, 2)));
      return before;
    });
    expect(seen).toEqual([undefined, undefined, 4]);
    queue.dispose();
  });

  it('measures how far entries have drifted from their items embedded anew', async () => {
    const queue = filled(5, 3, 3);
    const fresh = tf.tensor2d([
      [1, 3],
      [5, 4],
    ]);
    const positions = labelsOf([0, 4]);
    expect(await queue.drift(euclidean, positions, fresh)).toEqual({ mean: 3.5, max: 4 });
    await expect(queue.drift(euclidean, labelsOf([0]), fresh)).rejects.toThrow(ShapeError);
    queue.dispose();
    await expect(queue.drift(euclidean, positions, fresh)).rejects.toThrow(UsageError);
    tf.dispose([fresh, positions]);
  });

  it('goes on where a saved state stood, through JSON', async () => {
    const queue = filled(5, 2, 2, 3);
    const other = new MemoryQueue({ capacity: 5, columns: 2 });
    other.restore(JSON.parse(JSON.stringify(await queue.save())));
    for (const each of [queue, other]) tf.tidy(() => each.enqueue(numbered(20, 2)));
    expect(await other.save()).toEqual(await queue.save());
    expect(other.staleness()).toEqual(queue.staleness());
    const empty = new MemoryQueue({ capacity: 5, columns: 2 });
    other.restore(await empty.save());
    expect(other.entries()).toBeUndefined();
    queue.dispose();
    other.dispose();
  });

  it('refuses a state that is not its own, and stays as it was', async () => {
    const queue = filled(5, 2, 2);
    const state = await queue.save();
    const bad = [
      { ...state, embeddings: state.embeddings.slice(1) },
      { ...state, labels: [] },
      { ...state, embeddings: state.embeddings.map(() => Number.NaN) },
      { ...state, runs: [[1, 6]] as const },
      { ...state, runs: [[9, 4]] as const },
      { ...state, ids: [0.5, 1, 2, 3] },
    ];
    const errors = [ShapeError, ShapeError, DomainError, UsageError, UsageError, UsageError];
    for (const [i, each] of bad.entries()) expect(() => queue.restore(each)).toThrow(errors[i]);
    expect(await queue.save()).toEqual(state);
    queue.dispose();
  });

  it('refuses items that do not fit', () => {
    const queue = filled(3, 2);
    const items = (change: Partial<MemoryItems>) => () =>
      tf.tidy(() => queue.enqueue({ ...numbered(0, 2), ...change }));
    expect(items({ embeddings: tf.zeros([2, 3]) })).toThrow(ShapeError);
    expect(items({ labels: labelsOf([1]) })).toThrow(ShapeError);
    expect(items({ labels: tf.tensor1d([1, 2]) })).toThrow(ShapeError);
    expect(() => tf.tidy(() => queue.enqueue(numbered(0, 4)))).toThrow(UsageError);
    expect(() => new MemoryQueue({ capacity: 0, columns: 2 })).toThrow(UsageError);
    expect(idsOf(queue)).toEqual([0, 1]);
    queue.dispose();
  });

  it('keeps as many tensors after many steps as after one, and none when disposed of', async () => {
    expect(
      await leakedTensors(() => {
        const queue = filled(5, 2);
        const after = tf.memory().numTensors;
        for (let step = 0; step < 20; step++) tf.tidy(() => queue.enqueue(numbered(step, 1 + (step % 5))));
        expect(tf.memory().numTensors).toBe(after);
        queue.dispose();
      }),
    ).toBe(0);
  });
});

describe('a loss across batches', () => {
  const N = 12;
  const CLASSES = 3;
  const labels = Array.from({ length: N }, (_, i) => i % CLASSES);
  const space: Space = { kind: 'poincare', dim: 3, curvature: -1 };
  const metric = metricOn(space);
  const points = uniformRows(N, 3, 51, -0.5, 0.5);
  const batchOf = (rows: readonly number[], x?: tf.Tensor2D) => ({
    embeddings: x ?? tf.tensor2d(rows.map((r) => points[r])),
    labels: labelsOf(rows.map((r) => labels[r])),
    ids: labelsOf(rows),
  });

  it('is the loss of the full batch where the queue holds all data and the encoder stands still', () => {
    const queue = new MemoryQueue({ capacity: N, columns: 3 });
    const full = evaluate(
      (x) => meanOf(loss({ distances: metric.pairwise(x, x), plan: planOf(labels) })),
      points,
    );
    const epoch = () => {
      const order = Array.from(new Rng(5).permutation(N));
      const batches = [0, 4, 8].map((from) => order.slice(from, from + 4));
      return batches.map((rows) =>
        tf.tidy(() => meanOf(crossBatchMemory(loss, metric, queue, batchOf(rows))).dataSync()[0]),
      );
    };
    epoch();
    const second = epoch() as unknown as number[];
    expectValue(second.reduce((a, b) => a + b) / second.length, full.value);
    queue.dispose();
  });

  it('has the gradient of the pairs within the batch to both items, or to anchors alone', () => {
    const queue = new MemoryQueue({ capacity: N, columns: 3 });
    const [past, now] = [
      [0, 1, 2, 3, 4, 5],
      [6, 7, 8, 9],
    ];
    tf.tidy(() => queue.enqueue(batchOf(past)));
    const rows = now.map((r) => points[r]);
    const all = [...now, ...past];
    const explicit = (x: tf.Tensor2D, own: tf.Tensor2D) => {
      const references = tf.concat([own, tf.tensor2d(past.map((r) => points[r]))]);
      const masks = planOf(all.map((r) => labels[r]));
      const some = (t: tf.Tensor2D) => tf.slice(t, [0, 0], [now.length, all.length]);
      const plan = { positives: some(masks.positives), negatives: some(masks.negatives) };
      return meanOf(loss({ distances: metric.pairwise(x, references), plan }));
    };
    const memory = (gradient: 'both' | 'anchors') =>
      evaluate((x) => meanOf(loss(comparedWithMemory(metric, queue, batchOf(now, x), { gradient }))), rows);
    const references = {
      both: evaluate((x) => explicit(x, x), rows),
      anchors: evaluate((x) => explicit(x, tf.tensor2d(rows)), rows),
    };
    for (const gradient of ['both', 'anchors'] as const) {
      const got = memory(gradient);
      expectValue(got.value, references[gradient].value);
      expectGradient(got.gradient, references[gradient].gradient);
    }
    queue.dispose();
  });

  it('takes keys of another encoder: the own key is a positive, and the keys go into the queue', () => {
    const queue = new MemoryQueue({ capacity: 4, columns: 2 });
    const keys = tf.tensor2d([
      [5, 5],
      [6, 6],
    ]);
    const { distances, plan } = tf.tidy(() => {
      const { embeddings, ids } = numbered(3, 2);
      const batch = { embeddings, labels: ids as tf.Tensor1D, ids: ids as tf.Tensor1D, references: keys };
      tf.tidy(() => crossBatchMemory(loss, euclidean, queue, batch)['positives'].values);
      const again = comparedWithMemory(euclidean, queue, batch);
      return { distances: again.distances.shape, plan: again.plan.positives.arraySync() };
    }) as unknown as { distances: number[]; plan: number[][] };
    expect(distances).toEqual([2, 4]);
    // The queue has the same items from the step before: no pairs.
    expect(plan).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ]);
    expect(queue.entries()?.embeddings.arraySync()).toEqual(keys.arraySync());
    queue.dispose();
    keys.dispose();
  });

  it.each(SPACES)('works in $kind, and leaves nothing but the queue behind', async (each) => {
    const columns = each.kind === 'product' ? 4 : each.dim;
    const queue = new MemoryQueue({ capacity: 6, columns });
    const rows = uniformRows(4, columns, 52, 0.05, 0.4);
    const step = () =>
      evaluate((x) => {
        const batch = { embeddings: x, labels: labelsOf([0, 1, 0, 1]) };
        return meanOf(crossBatchMemory(loss, metricOn(each), queue, batch));
      }, rows);
    step();
    const before = tf.memory().numTensors;
    const { value, gradient } = step();
    expect(value).toBeGreaterThan(0);
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
    queue.dispose();
  });
});
