import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { multiSimilarityLoss } from '../../../src/losses/pairs/multiSimilarity.js';
import { at, describeTupleLoss, logSumExp } from './tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

const [alpha, beta, base] = [3, 8, 0.9];
describeTupleLoss('multiSimilarityLoss', {
  fused: true,
  loss: (compared) => multiSimilarityLoss(compared, { alpha, beta, base }),
  oracle: (d, { positives, negatives }) =>
    d.map((row, i) => {
      const near = logSumExp([0, ...at(positives[i]).map((p) => alpha * (row[p] - base))]);
      const far = logSumExp([0, ...at(negatives[i]).map((n) => beta * (base - row[n]))]);
      return [near / alpha + far / beta];
    }),
  zeroWithout: 'both',
});

it('multiSimilarityLoss takes its base as a similarity where zero is given', () => {
  const [asDistance, asSimilarity] = tf.tidy(() => {
    const distances = tf.tensor2d([[0.3, 0.8]]);
    const plan = { positives: tf.tensor2d([[1, 0]]), negatives: tf.tensor2d([[0, 1]]) };
    return [
      multiSimilarityLoss({ distances, plan }, { base: 0.4 }),
      multiSimilarityLoss({ distances, plan, zero: 1 }, { base: 0.6 }),
    ].map((terms) => terms.loss.values.dataSync()[0]);
  }) as unknown as [number, number];
  expect(asSimilarity).toBeCloseTo(asDistance, 6);
});
