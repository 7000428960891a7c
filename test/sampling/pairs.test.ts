import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { pairsOfLabels } from '../../src/sampling/pairs.js';

beforeAll(async () => {
  await openEngine();
});

const masks = (labels: number[]) =>
  tf.tidy(() => {
    const { positives, negatives } = pairsOfLabels(tf.tensor1d(labels, 'int32'));
    return [positives.arraySync(), negatives.arraySync()];
  });

describe('pairsOfLabels', () => {
  it('pairs equal labels but no item with itself, by hand', () => {
    const [positives, negatives] = masks([7, 2, 7]);
    expect(positives).toEqual([
      [0, 0, 1],
      [0, 0, 0],
      [1, 0, 0],
    ]);
    expect(negatives).toEqual([
      [0, 1, 0],
      [1, 0, 1],
      [0, 1, 0],
    ]);
  });

  it('gives each pair of different items exactly one part, with an empty diagonal', () => {
    const labels = [0, 5, 5, 1, 0, 5, 1000000, 1];
    const [positives, negatives] = masks(labels);
    for (let i = 0; i < labels.length; i++) {
      for (let j = 0; j < labels.length; j++) {
        expect(positives[i][j]).toBe(i !== j && labels[i] === labels[j] ? 1 : 0);
        expect(negatives[i][j]).toBe(labels[i] !== labels[j] ? 1 : 0);
      }
    }
  });

  it('has no negatives within one class and no positives among all different ones', () => {
    expect(masks([4, 4])).toEqual([
      [
        [0, 1],
        [1, 0],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ]);
    expect(masks([1, 2])[0].flat()).toEqual([0, 0, 0, 0]);
  });
});
