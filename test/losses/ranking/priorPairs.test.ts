import { beforeAll, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { PRIOR_PAIRS_VARIANTS, priorPairsLoss } from '../../../src/losses/ranking/priorPairs.js';
import { at, describeTupleLoss, sigmoid, total } from '../pairs/tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

const [alpha, b, anneal] = [2, 3, 0.2];
const COSTS = {
  O: (R: number) => R,
  Ds: (R: number) => Math.log(1 + R),
  Dq: (R: number) => 1 - (1 + R) ** -alpha,
  Iu: (R: number) => (1 + R) * Math.log(1 + R),
  Ib: (R: number) => (b * R - Math.log(1 + b * R)) / b ** 2,
};

for (const variant of PRIOR_PAIRS_VARIANTS) {
  const includeSelf = variant !== 'Ds';
  describeTupleLoss(`priorPairsLoss ${variant}`, {
    loss: (compared) => priorPairsLoss(compared, { variant, alpha, b, anneal, includeSelf }),
    oracle: (d, { positives, negatives }) =>
      d.map((row, i) => {
        const columns = at(positives[i]);
        if (columns.length === 0) return [];
        const costs = [...(includeSelf ? [0] : []), ...columns.map((p) => row[p])].map((own) =>
          COSTS[variant](total(at(negatives[i]).map((n) => sigmoid((own - row[n]) / anneal)))),
        );
        return [total(costs) / costs.length];
      }),
  });
}

it('priorPairsLoss counts the negatives before a positive', () => {
  const value = tf.tidy(() => {
    const plan = { positives: tf.tensor2d([[0, 1, 0]]), negatives: tf.tensor2d([[1, 0, 1]]) };
    const compared = { distances: tf.tensor2d([[1, 2, 3]]), plan };
    return priorPairsLoss(compared, { includeSelf: false }).loss.values.dataSync()[0];
  });
  expect(value).toBeCloseTo(1, 6);
});

it('priorPairsLoss refuses an unknown variant', () => {
  const matrix = tf.zeros([2, 2]) as tf.Tensor2D;
  const compared = { distances: matrix, plan: { positives: matrix, negatives: matrix } };
  expect(() => priorPairsLoss(compared, { variant: 'X' as 'O' })).toThrow(UsageError);
  matrix.dispose();
});
