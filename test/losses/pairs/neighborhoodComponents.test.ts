import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { neighborhoodComponentsLoss } from '../../../src/losses/pairs/neighborhoodComponents.js';
import { at, describeTupleLoss, logSumExp } from './tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

describeTupleLoss('neighborhoodComponentsLoss', {
  fused: true,
  loss: (compared) => neighborhoodComponentsLoss(compared, { softmaxScale: 4 }),
  oracle: (d, { positives, negatives }) =>
    d.map((row, i) => {
      const near = at(positives[i]).map((p) => -4 * row[p]);
      const far = at(negatives[i]).map((n) => -4 * row[n]);
      return near.length === 0 ? [] : [logSumExp([...near, ...far]) - logSumExp(near)];
    }),
});

it('neighborhoodComponentsLoss of one positive in four at one distance is log 4', () => {
  const value = tf.tidy(() => {
    const plan = { positives: tf.tensor2d([[1, 0, 0, 0]]), negatives: tf.tensor2d([[0, 1, 1, 1]]) };
    const { loss } = neighborhoodComponentsLoss({ distances: tf.tensor2d([[2, 2, 2, 2]]), plan });
    return loss.values.dataSync()[0];
  });
  expect(value).toBeCloseTo(Math.log(4), 6);
});
