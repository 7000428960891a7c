import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { circleLoss } from '../../../src/losses/pairs/circle.js';
import { at, describeTupleLoss, logSumExp, softplus } from './tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

const [m, gamma] = [0.3, 5];
describeTupleLoss('circleLoss', {
  loss: (compared) => circleLoss({ ...compared, zero: 1 }, { m, gamma }),
  oracle: (d, { positives, negatives }, fixed) =>
    d.map((row, i) => {
      const [near, far] = [at(positives[i]), at(negatives[i])];
      if (near.length === 0 || far.length === 0) return [];
      const pace = (j: number, sign: number) =>
        Math.max(0, sign * (1 - fixed[i][j]) + m + (sign < 0 ? 1 : 0));
      const pulled = near.map((p) => -gamma * pace(p, -1) * (1 - row[p] - (1 - m)));
      const pushed = far.map((n) => gamma * pace(n, 1) * (1 - row[n] - m));
      return [softplus(logSumExp(pulled) + logSumExp(pushed))];
    }),
});

it('circleLoss at the decision boundary s_p = 1 - m, s_n = m is log 2', () => {
  const value = tf.tidy(() => {
    const plan = { positives: tf.tensor2d([[1, 0]]), negatives: tf.tensor2d([[0, 1]]) };
    return circleLoss({ distances: tf.tensor2d([[0.4, 0.6]]), plan, zero: 1 }).loss.values.dataSync()[0];
  });
  expect(value).toBeCloseTo(Math.LN2, 5);
});
