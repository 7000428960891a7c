import { beforeAll, expect, it } from 'vitest';
import { DomainError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { tupletMarginLoss } from '../../../src/losses/pairs/tupletMargin.js';
import { at, describeTupleLoss, logSumExp } from './tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

const beta = (12 * Math.PI) / 180;
const slackened = (s: number) => (Math.abs(s) > 1 ? s * Math.cos(beta) : Math.cos(Math.acos(s) - beta));

describeTupleLoss('tupletMarginLoss', {
  loss: (compared) => tupletMarginLoss({ ...compared, zero: 1 }, { margin: 12, scale: 6 }),
  oracle: (d, { positives, negatives }) =>
    d.map((row, i) =>
      at(positives[i]).map((p) =>
        logSumExp([0, ...at(negatives[i]).map((n) => 6 * (1 - row[n] - slackened(1 - row[p])))]),
      ),
    ),
});

it('tupletMarginLoss has a finite gradient to coincident and opposite positives', () => {
  const distances = tf.tensor2d([[0, 2, -1e-7, 2.0000002, 0.5, 2]]);
  const plan = {
    positives: tf.tensor2d([[1, 1, 1, 1, 0, 0]]),
    negatives: tf.tensor2d([[0, 0, 0, 0, 1, 1]]),
  };
  const f = (d: tf.Tensor) =>
    tf.sum(tupletMarginLoss({ distances: d as tf.Tensor2D, plan, zero: 1 }).loss.values);
  const { value, grad } = tf.valueAndGrad(f)(distances);
  expect(Array.from(grad.dataSync()).every(Number.isFinite)).toBe(true);
  expect(Number.isFinite(value.dataSync()[0])).toBe(true);
  tf.dispose([distances, plan.positives, plan.negatives, value, grad]);
});

it.each([{ margin: -1 }, { margin: 91 }, { margin: Number.NaN }, { scale: 0 }])(
  'tupletMarginLoss refuses %s',
  (options) => {
    const matrix = tf.zeros([2, 2]) as tf.Tensor2D;
    const compared = { distances: matrix, plan: { positives: matrix, negatives: matrix } };
    expect(() => tupletMarginLoss(compared, options)).toThrow(DomainError);
    matrix.dispose();
  },
);
