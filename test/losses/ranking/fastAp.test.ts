import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { fastApLoss } from '../../../src/losses/ranking/fastAp.js';
import { at, describeTupleLoss } from '../pairs/tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

const BINS = 5;
const RANGE = 2.5;
const histogram = (values: readonly number[]) =>
  Array.from({ length: BINS + 1 }, (_, k) =>
    values.reduce((sum, v) => {
      const u = Math.min(Math.max((v * BINS) / RANGE, 0), BINS);
      return sum + Math.max(0, 1 - Math.abs(u - k));
    }, 0),
  );

describeTupleLoss('fastApLoss', {
  loss: (compared) => fastApLoss(compared, { bins: BINS, range: RANGE }),
  oracle: (d, { positives, negatives }) =>
    d.map((row, i) => {
      const columns = at(positives[i]);
      if (columns.length === 0) return [];
      const near = histogram(columns.map((p) => row[p]));
      const far = histogram(at(negatives[i]).map((n) => row[n]));
      let [upTo, all, precision] = [0, 0, 0];
      near.forEach((h, k) => {
        upTo += h;
        all += h + far[k];
        if (all > 0) precision += (h * upTo) / all;
      });
      return [1 - precision / columns.length];
    }),
});

it('fastApLoss is 0 when every positive is nearer by a bin, and counts what lies beyond the range at its end', () => {
  const [ranked, beyond] = tf.tidy(() => {
    const plan = { positives: tf.tensor2d([[1, 1, 0, 0]]), negatives: tf.tensor2d([[0, 0, 1, 1]]) };
    return [
      [0.1, 0.2, 2, 3],
      [9, 4, 4, 7],
    ].map((row) => fastApLoss({ distances: tf.tensor2d([row]), plan }).loss.values.dataSync()[0]);
  }) as unknown as [number, number];
  expect(ranked).toBeCloseTo(0, 6);
  expect(beyond).toBeCloseTo(0.5, 6); // all four tied at the end
});
