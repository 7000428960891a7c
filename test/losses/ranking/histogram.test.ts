import { beforeAll, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { histogramLoss } from '../../../src/losses/ranking/histogram.js';
import { at, describeTupleLoss, type Rows, total } from '../pairs/tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

const BINS = 7;
const [LOW, HIGH] = [-1.7, 0];
const shares = (distance: number) => {
  const u = Math.min(Math.max(((-distance - LOW) * BINS) / (HIGH - LOW), 0), BINS);
  return Array.from({ length: BINS + 1 }, (_, k) => Math.max(0, 1 - Math.abs(u - k)));
};

describeTupleLoss('histogramLoss', {
  loss: (compared) => histogramLoss(compared, { bins: BINS, range: [LOW, HIGH] }),
  oracle: (d, { positives, negatives }) => {
    const complete = d.map((_, i) => at(positives[i]).length > 0 && at(negatives[i]).length > 0);
    const unordered = (mask: Rows) =>
      mask.map((row, i) => row.map((on, j) => ((on && complete[i]) || (mask[j][i] && complete[j]) ? 1 : 0)));
    const pairs = unordered(positives).flatMap((row, i) => at(row).map((j) => d[i][j]));
    const cumulative = Array.from({ length: BINS + 1 }, (_, k) =>
      total(pairs.map((x) => total(shares(x).slice(0, k + 1)))),
    ).map((sum) => (pairs.length > 0 ? sum / pairs.length : 0));
    return unordered(negatives).map((row, i) =>
      at(row).map((j) => total(shares(d[i][j]).map((share, k) => share * cumulative[k]))),
    );
  },
});

it('histogramLoss is 0 when every positive pair is more similar by two bins, 1 when none is', () => {
  const [apart, mixed] = tf.tidy(() => {
    const positives = tf.tensor2d([
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 0],
    ]);
    const negatives = tf.tensor2d([
      [0, 0, 1],
      [0, 0, 1],
      [1, 1, 0],
    ]);
    return [
      [0.1, 1.5],
      [1.5, 0.1],
    ].map(([near, far]) => {
      const distances = tf.add(tf.mul(positives, near), tf.mul(negatives, far)) as tf.Tensor2D;
      const { values, counts } = histogramLoss({ distances, plan: { positives, negatives }, zero: 1 }).loss;
      return tf.div(tf.sum(values), tf.sum(counts)).dataSync()[0];
    });
  }) as unknown as [number, number];
  expect(apart).toBeCloseTo(0, 6);
  expect(mixed).toBeCloseTo(1, 6);
});

it('histogramLoss refuses an empty range and other references than the anchors', () => {
  const plan = { positives: tf.zeros([2, 3]) as tf.Tensor2D, negatives: tf.zeros([2, 3]) as tf.Tensor2D };
  const compared = { distances: tf.zeros([2, 3]) as tf.Tensor2D, plan };
  expect(() => histogramLoss(compared, { range: [1, 1] })).toThrow(DomainError);
  expect(() => histogramLoss(compared)).toThrow(ShapeError);
  tf.dispose([compared.distances, plan.positives, plan.negatives]);
});
