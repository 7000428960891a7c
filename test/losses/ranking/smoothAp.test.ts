import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { smoothApLoss } from '../../../src/losses/ranking/smoothAp.js';
import { at, describeTupleLoss, type Pairs, type Rows, sigmoid, total } from '../pairs/tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

/** The anchor itself is the item at distance 0 that stands first in the list, if any. */
const oracle =
  (temperature: number, includeSelf: boolean) =>
  (d: Rows, { positives, negatives }: Pairs): number[][] =>
    d.map((row, i) => {
      const columns = at(positives[i]);
      if (columns.length === 0) return [];
      const near = [...(includeSelf ? [0] : []), ...columns.map((p) => row[p])];
      const far = at(negatives[i]).map((n) => row[n]);
      const before = (own: number, others: readonly number[]) =>
        total(others.map((other) => sigmoid((own - other) / temperature)));
      const precisions = near.map((own, k) => {
        const rank =
          1 +
          before(
            own,
            near.filter((_, l) => l !== k),
          );
        return rank / (rank + before(own, far));
      });
      return [1 - total(precisions) / near.length];
    });

describeTupleLoss('smoothApLoss', {
  loss: (compared) => smoothApLoss(compared, { temperature: 0.1 }),
  oracle: oracle(0.1, true),
});
describeTupleLoss('smoothApLoss without the anchor itself', {
  loss: (compared) => smoothApLoss(compared, { temperature: 0.3, includeSelf: false }),
  oracle: oracle(0.3, false),
});

it('smoothApLoss of a clear ranking is one minus its average precision', () => {
  const value = tf.tidy(() => {
    // Ranks: positive, negative, positive: precision 1 and 2/3.
    const plan = { positives: tf.tensor2d([[1, 0, 1]]), negatives: tf.tensor2d([[0, 1, 0]]) };
    const compared = { distances: tf.tensor2d([[1, 2, 3]]), plan };
    return smoothApLoss(compared, { includeSelf: false }).loss.values.dataSync()[0];
  });
  expect(value).toBeCloseTo(1 - (1 + 2 / 3) / 2, 6);
});
