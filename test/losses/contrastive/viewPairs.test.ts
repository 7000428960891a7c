import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { hardContrastive } from '../../../src/losses/contrastive/hardContrastive.js';
import { pairSoftmax } from '../../../src/losses/contrastive/pairSoftmax.js';
import { pairwiseCrossEntropy } from '../../../src/losses/contrastive/pairwiseCrossEntropy.js';
import { planOfViewPairs, viewPairs } from '../../../src/losses/contrastive/viewPairs.js';
import { leakedTensors } from '../../laws/gradient.js';
import {
  differences,
  evaluate,
  expectGradient,
  expectValue,
  meanOf,
  planOf,
  uniformRows,
} from './support.js';

beforeAll(async () => {
  await openEngine();
});

const TEMPERATURE = 0.4;
const labelsOf = (items: number, views: number) => Array.from({ length: items * views }, (_, r) => r % items);

/** HCL with tau+ = 0 on two views at a time, term by term in float64: mean over ordered pairs of views and their rows. */
function hardLoop(d: readonly number[][], views: number, beta: number): number {
  const items = d.length / views;
  let total = 0;
  for (let own = 0; own < views; own++) {
    for (let other = 0; other < views; other++) {
      if (own === other) continue;
      for (let a = 0; a < items; a++) {
        const s = (view: number, b: number) => -d[own * items + a][view * items + b] / TEMPERATURE;
        const negatives = Array.from({ length: items }, (_, b) => b)
          .filter((b) => b !== a)
          .flatMap((b) => [s(other, b), s(own, b)]);
        const weights = negatives.map((x) => Math.exp(beta * x));
        const meanWeight = weights.reduce((sum, w) => sum + w, 0) / weights.length;
        const Ng = negatives.reduce((sum, x, k) => sum + weights[k] * Math.exp(x), 0) / meanWeight;
        const positive = Math.exp(s(other, a));
        total -= Math.log(positive / (positive + Ng));
      }
    }
  }
  return total / (views * (views - 1) * items);
}

const hardLoss = (d: tf.Tensor2D, views: number, beta: number) =>
  meanOf(
    hardContrastive(
      { distances: viewPairs(d, views), plan: planOfViewPairs(d.shape[0] / views, views) },
      { temperature: TEMPERATURE, beta, tauPlus: 0, lowest: 'batch' },
    ),
  );

describe.each([
  [2, 5],
  [3, 4],
  [4, 3],
])('viewPairs of %i views of %i items', (views, items) => {
  const d = uniformRows(views * items, views * items, views, 0, 3);

  it('gives pairSoftmax the value and gradient of the loss that is written for views', () => {
    const labels = labelsOf(items, views);
    const known = evaluate((x) => {
      const compared = { distances: x, plan: planOf(labels) };
      return meanOf(pairwiseCrossEntropy(compared, { temperature: TEMPERATURE, views }));
    }, d);
    const paired = evaluate((x) => {
      const logits = tf.mul(viewPairs(x, views), -1 / TEMPERATURE) as tf.Tensor2D;
      return pairSoftmax(logits, planOfViewPairs(items, views));
    }, d);
    expectValue(paired.value, known.value);
    expectGradient(paired.gradient, known.gradient);
  });

  it.each([0, 1, 2.5])('gives hardContrastive those of the loop over pairs of views, beta %f', (beta) => {
    const { value, gradient } = evaluate((x) => hardLoss(x, views, beta), d);
    expectValue(value, hardLoop(d, views, beta));
    expectGradient(
      gradient,
      differences((rows) => hardLoop(rows, views, beta), d),
    );
  });
});

describe('viewPairs', () => {
  it('refuses what cannot be cut into views', () => {
    expect(() => viewPairs(tf.zeros([7, 7]), 2)).toThrow(ShapeError);
    expect(() => viewPairs(tf.zeros([6, 8]), 2)).toThrow(ShapeError);
    expect(() => viewPairs(tf.zeros([6, 6]), 1)).toThrow(UsageError);
  });

  it('leaves no tensors behind', async () => {
    const d = uniformRows(6, 6, 1, 0, 3);
    expect(await leakedTensors(() => void evaluate((x) => hardLoss(x, 3, 1), d))).toBe(0);
  });

  it('of a distance that is not a number gives a loss that is none', () => {
    const d = uniformRows(6, 6, 1, 0, 3);
    d[2][4] = Number.NaN;
    expect(evaluate((x) => hardLoss(x, 3, 1), d).value).toBeNaN();
  });
});
