import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { columnsOf } from '../../../src/core/space.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { pairSoftmax } from '../../../src/losses/contrastive/pairSoftmax.js';
import { pairwiseCrossEntropy } from '../../../src/losses/contrastive/pairwiseCrossEntropy.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { leakedTensors } from '../../laws/gradient.js';
import {
  differences,
  evaluate,
  expectGradient,
  expectValue,
  meanOf,
  planOf,
  SPACES,
  uniformRows,
} from './support.js';

beforeAll(async () => {
  await openEngine();
});

const TEMPERATURE = 0.4;

/**
 * The published loss: for each ordered pair of views a softmax over the N rows of the other view and the N rows of the
 * own one but for the row itself; means over rows, summed over pairs of views. d: [views N, views N].
 */
function publishedLoop(d: readonly number[][], views: number, temperature = TEMPERATURE): number {
  const items = d.length / views;
  let total = 0;
  for (let i = 0; i < views; i++) {
    for (let j = 0; j < views; j++) {
      if (i === j) continue;
      for (let a = 0; a < items; a++) {
        const row = d[i * items + a];
        let denominator = 0;
        for (let b = 0; b < items; b++) {
          denominator += Math.exp(-row[j * items + b] / temperature);
          if (b !== a) denominator += Math.exp(-row[i * items + b] / temperature);
        }
        total += (row[j * items + a] / temperature + Math.log(denominator)) / items;
      }
    }
  }
  return total;
}

const labelsOf = (items: number, views: number) => Array.from({ length: items * views }, (_, r) => r % items);
const lossOf = (d: tf.Tensor2D, labels: readonly number[], views: number, temperature = TEMPERATURE) =>
  meanOf(pairwiseCrossEntropy({ distances: d, plan: planOf(labels) }, { temperature, views }));

describe.each([
  [2, 5],
  [3, 4],
  [5, 3],
])('pairwiseCrossEntropy of %i views of %i items', (views, items) => {
  const d = uniformRows(views * items, views * items, views, 0, 3);
  const labels = labelsOf(items, views);
  const pairs = views * (views - 1);

  it('is the published loop over ordered pairs of views, divided by their number', () => {
    const { value, gradient } = evaluate((x) => lossOf(x, labels, views), d);
    expectValue(value, publishedLoop(d, views) / pairs);
    expectGradient(
      gradient,
      differences((rows) => publishedLoop(rows, views) / pairs, d),
    );
  });

  it('moves with its items: another order within the views gives the gradient in that order', () => {
    const order = Array.from({ length: items }, (_, i) => (i + 1) % items);
    const rows = labels.map((_, r) => Math.floor(r / items) * items + order[r % items]);
    const before = evaluate((x) => lossOf(x, labels, views), d);
    const after = evaluate(
      (x) => lossOf(x, labels, views),
      rows.map((r) => rows.map((s) => d[r][s])),
    );
    expectValue(after.value, before.value);
    expectGradient(
      after.gradient,
      rows.flatMap((r) => rows.map((s) => before.gradient[r * d.length + s])),
    );
  });
});

describe('pairwiseCrossEntropy', () => {
  it('is pairSoftmax where there are two views, and not above it with three, whose negatives that one adds', () => {
    const d = uniformRows(12, 12, 7, 0, 3);
    const both = (views: number) => {
      const labels = labelsOf(12 / views, views);
      const ours = evaluate((x) => lossOf(x, labels, views), d);
      const other = evaluate((x) => pairSoftmax(tf.mul(x, -1 / TEMPERATURE), planOf(labels)), d);
      return { ours, other };
    };
    const two = both(2);
    expectValue(two.ours.value, two.other.value);
    expectGradient(two.ours.gradient, two.other.gradient);
    const three = both(3);
    expect(three.ours.value).toBeLessThan(three.other.value);
  });

  it('takes the anchors of the first view alone', () => {
    const d = uniformRows(8, 8, 3, 0, 2);
    const plan = tf.tidy(() => {
      const { positives, negatives } = planOf(labelsOf(4, 2));
      const first = (t: tf.Tensor2D) => tf.slice(t, [0, 0], [4, 8]);
      return { positives: first(positives), negatives: first(negatives) };
    });
    const half = tf.tidy(() => {
      const distances = tf.tensor2d(d.slice(0, 4));
      return meanOf(pairwiseCrossEntropy({ distances, plan }, { temperature: TEMPERATURE })).dataSync()[0];
    });
    let expected = 0;
    for (let a = 0; a < 4; a++) {
      const others = d[a].filter((_, j) => j !== a).map((x) => Math.exp(-x / TEMPERATURE));
      expected += d[a][a + 4] / TEMPERATURE + Math.log(others.reduce((s, e) => s + e, 0));
    }
    expectValue(half, expected / 4);
    tf.dispose([plan.positives, plan.negatives]);
  });

  it('counts a positive of the own view against the negatives of that view alone', () => {
    const labels = [0, 0, 1, 0, 1, 1];
    const d = uniformRows(6, 6, 4, 0, 2);
    const oracle = (rows: readonly number[][]) => {
      let sum = 0;
      let pairs = 0;
      for (let a = 0; a < 6; a++) {
        for (let p = 0; p < 6; p++) {
          if (p === a || labels[p] !== labels[a]) continue;
          const views = [Math.floor(a / 3), Math.floor(p / 3)];
          const e = (j: number) => Math.exp(-rows[a][j] / TEMPERATURE);
          let denominator = e(p);
          for (let j = 0; j < 6; j++)
            if (labels[j] !== labels[a] && views.includes(Math.floor(j / 3))) denominator += e(j);
          sum += Math.log(denominator / e(p));
          pairs++;
        }
      }
      return sum / pairs;
    };
    const { value, gradient } = evaluate((x) => lossOf(x, labels, 2), d);
    expectValue(value, oracle(d));
    expectGradient(gradient, differences(oracle, d));
  });

  it.each(SPACES)('takes distances of $kind, with gradients to the points', (space) => {
    const points = uniformRows(6, columnsOf(space), 5, 0.05, 0.4);
    const distances = (x: tf.Tensor2D) => metricOn(space).pairwise(x, x, { same: 'diagonal' });
    const d = tf.tidy(() => distances(tf.tensor2d(points)).arraySync());
    const { value, gradient } = evaluate((x) => lossOf(distances(x), labelsOf(3, 2), 2), points);
    expectValue(value, publishedLoop(d, 2) / 2);
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0);
  });

  it('is 0 with gradient 0 when no pair is positive, and when no pair is negative', () => {
    for (const labels of [
      [0, 1, 2, 3],
      [4, 4, 4, 4],
    ]) {
      const { value, gradient } = evaluate((x) => lossOf(x, labels, 2), uniformRows(4, 4, 6, 0, 2));
      expect(value).toBe(0);
      expect(gradient.map(Math.abs)).toEqual(new Array(16).fill(0));
    }
  });

  it('is exact where one view alone has negatives', () => {
    const labels = [0, 0, 0, 1];
    const d = uniformRows(4, 4, 8, 0, 2);
    const oracle = (rows: readonly number[][]) => {
      const e = (a: number, j: number) => Math.exp(-rows[a][j] / TEMPERATURE);
      const pair = (a: number, p: number, negatives: number[]) =>
        Math.log1p(negatives.reduce((s, j) => s + e(a, j), 0) / e(a, p));
      // The only item of class 1 lies in the second view: within the first, a pair has no negative.
      return (pair(0, 2, [3]) + pair(1, 2, [3]) + pair(2, 0, [3]) + pair(2, 1, [3])) / 6;
    };
    const { value, gradient } = evaluate((x) => lossOf(x, labels, 2), d);
    expectValue(value, oracle(d));
    expectGradient(gradient, differences(oracle, d));
  });

  it('stays finite for logits of thousands, and is NaN where a distance is', () => {
    const far = uniformRows(4, 4, 9, 0, 5000);
    const { value, gradient } = evaluate((x) => lossOf(x, [0, 1, 0, 1], 2), far);
    expect(Number.isFinite(value)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
    const broken = far.map((row, i) => row.map((x, j) => (i === 0 && j === 3 ? Number.NaN : x)));
    expect(evaluate((x) => lossOf(x, [0, 1, 0, 1], 2), broken).value).toBeNaN();
  });

  it('leaves no tensors behind', async () => {
    const d = tf.tensor2d(uniformRows(6, 6, 10, 0, 2));
    const work = () => tf.tidy(() => tf.grad((x) => lossOf(x as tf.Tensor2D, [0, 1, 2, 0, 1, 2], 2))(d));
    expect(await leakedTensors(work)).toBe(0);
    d.dispose();
  });

  it('refuses views that do not fit, and temperatures that are not > 0', () => {
    const labels = [0, 1, 0, 1, 0];
    const call = (views: number, temperature: number) =>
      tf.tidy(() => lossOf(tf.zeros([5, 5]), labels, views, temperature));
    expect(() => call(2, 1)).toThrow(ShapeError);
    expect(() => call(1, 1)).toThrow(UsageError);
    for (const bad of [0, -1, Number.NaN]) expect(() => call(5, bad)).toThrow(DomainError);
  });
});
