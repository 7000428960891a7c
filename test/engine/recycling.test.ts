import { beforeAll, describe, expect, it } from 'vitest';
import { keepFloats, lendFloats, returnFloats } from '../../src/core/floatPool.js';
import { createLoss, openEngine, pairwiseDistance, Rng, tf } from '../../src/index.js';

const LENGTH = 1 << 15;
const NAMES = [
  'ContrastiveLoss',
  'InstanceLoss',
  'NCALoss',
  'MultiSimilarityLoss',
  'TripletMarginLoss',
  'IntraPairVarianceLoss',
];

describe('lent arrays', () => {
  it('come back once, and the same is lent again', () => {
    const first = lendFloats(LENGTH);
    returnFloats(first);
    returnFloats(first);
    const [second, third] = [lendFloats(LENGTH), lendFloats(LENGTH)];
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('stay with a reader who keeps them', () => {
    const kept = lendFloats(LENGTH);
    keepFloats(kept);
    returnFloats(kept);
    expect(lendFloats(LENGTH)).not.toBe(kept);
  });

  it('that were never lent are not taken', () => {
    const own = new Float32Array(LENGTH);
    returnFloats(own);
    expect(lendFloats(LENGTH)).not.toBe(own);
  });

  it('hold no more than 128 MiB while they wait', () => {
    const large = Array.from({ length: 3 }, () => lendFloats(1 << 24));
    for (const values of large) returnFloats(values);
    const again = Array.from({ length: 3 }, () => lendFloats(1 << 24));
    expect(again.filter((values) => large.includes(values))).toHaveLength(2);
  });
});

describe('tensors on lent arrays', () => {
  beforeAll(() => openEngine());
  const n = 192;
  const rng = new Rng(7);
  const x = Array.from({ length: n }, () => Array.from({ length: 8 }, () => rng.normal()));
  const space = { kind: 'euclidean', dim: 8 } as const;

  it('values that were read outlive their tensor', () => {
    const points = tf.tensor2d(x);
    const distances = pairwiseDistance(space, points, points);
    const values = distances.dataSync();
    const before = values.slice();
    distances.dispose();
    tf.dispose([pairwiseDistance(space, points, tf.mul(points, 2) as tf.Tensor2D), points]);
    expect(values).toEqual(before);
  });

  it.each(NAMES)('%s and its gradient are the same on arrays of any content', (name) => {
    const labels = Int32Array.from({ length: n }, (_, i) => i % 24);
    const loss = createLoss(name as 'NCALoss', {}, { classes: 24, columns: 8 });
    const once = () =>
      tf.tidy(() => {
        const batch = (rows: tf.Tensor) => ({
          embeddings: rows as tf.Tensor2D,
          relation: { kind: 'labels' as const, labels },
        });
        const { value, grad } = tf.valueAndGrad((rows) => loss.evaluate(batch(rows)))(tf.tensor2d(x));
        return [...value.dataSync(), ...grad.dataSync()];
      });
    const first = once();
    const dirty = Array.from({ length: 8 }, () => lendFloats(n * n).fill(Number.NaN));
    for (const values of dirty) returnFloats(values);
    expect(once()).toEqual(first);
  });
});
