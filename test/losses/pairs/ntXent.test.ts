import { beforeAll, expect, it } from 'vitest';
import { DomainError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { ntXentLoss } from '../../../src/losses/pairs/ntXent.js';
import { at, describeTupleLoss, logSumExp } from './tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

describeTupleLoss('ntXentLoss', {
  fused: true,
  loss: (compared) => ntXentLoss(compared, { temperature: 0.2 }),
  oracle: (d, { positives, negatives }) =>
    d.map((row, i) =>
      at(positives[i]).map((p) => logSumExp([0, ...at(negatives[i]).map((n) => (row[p] - row[n]) / 0.2)])),
    ),
});

it('ntXentLoss of one positive and one negative at one distance is log 2', () => {
  const value = tf.tidy(() => {
    const plan = { positives: tf.tensor2d([[1, 0]]), negatives: tf.tensor2d([[0, 1]]) };
    return ntXentLoss({ distances: tf.tensor2d([[3, 3]]), plan }).loss.values.dataSync()[0];
  });
  expect(value).toBeCloseTo(Math.LN2, 6);
});

it('ntXentLoss stays finite for distances of thousands', () => {
  const distances = tf.tensor2d([[5000, 1, 9000]]);
  const plan = { positives: tf.tensor2d([[1, 0, 0]]), negatives: tf.tensor2d([[0, 1, 1]]) };
  const f = (d: tf.Tensor) => tf.sum(ntXentLoss({ distances: d as tf.Tensor2D, plan }).loss.values);
  const { value, grad } = tf.valueAndGrad(f)(distances);
  expect(value.dataSync()[0]).toBeCloseTo(4999 / 0.07, 0);
  expect(Array.from(grad.dataSync()).map((g) => g * 0.07)).toEqual(
    [1, -1, 0].map((g) => expect.closeTo(g, 5)),
  );
  tf.dispose([distances, plan.positives, plan.negatives, value, grad]);
});

it.each([0, -1, Number.NaN])('ntXentLoss refuses the temperature %s', (temperature) => {
  const matrix = tf.zeros([2, 2]) as tf.Tensor2D;
  const compared = { distances: matrix, plan: { positives: matrix, negatives: matrix } };
  expect(() => ntXentLoss(compared, { temperature })).toThrow(DomainError);
  matrix.dispose();
});
