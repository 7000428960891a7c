import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { supConLoss } from '../../../src/losses/pairs/supCon.js';
import { at, describeTupleLoss, logSumExp, total } from './tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

describeTupleLoss('supConLoss', {
  fused: true,
  loss: (compared) => supConLoss(compared, { temperature: 0.3 }),
  oracle: (d, { positives, negatives }) =>
    d.map((row, i) => {
      const near = at(positives[i]);
      if (near.length === 0 || total(negatives.flat()) === 0) return [];
      const all = [...near, ...at(negatives[i])].map((j) => -row[j] / 0.3);
      return [logSumExp(all) + total(near.map((p) => row[p] / 0.3)) / near.length];
    }),
});

it('supConLoss of k candidates at one distance is log k', () => {
  const value = tf.tidy(() => {
    const plan = { positives: tf.tensor2d([[1, 1, 0, 0, 0]]), negatives: tf.tensor2d([[0, 0, 1, 1, 0]]) };
    return supConLoss({ distances: tf.tensor2d([[2, 2, 2, 2, 0]]), plan }).loss.values.dataSync()[0];
  });
  expect(value).toBeCloseTo(Math.log(4), 5);
});
