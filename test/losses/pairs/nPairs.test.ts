import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { nPairsLoss } from '../../../src/losses/pairs/nPairs.js';
import { pairsOfLabels } from '../../../src/sampling/pairs.js';
import { at, describeTupleLoss, logSumExp } from './tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

describeTupleLoss('nPairsLoss', {
  loss: (compared) => nPairsLoss(compared),
  oracle: (d, { positives }) => {
    const claimed = (i: number) => at(positives[i])[0] < i;
    const firsts = d.flatMap((_, i) => (at(positives[i]).length > 0 && !claimed(i) ? [i] : []));
    const partners = [...new Set(firsts.map((a) => at(positives[a])[0]))];
    return d.map((row, i) => {
      if (!firsts.includes(i)) return [];
      return [logSumExp(partners.map((k) => row[at(positives[i])[0]] - row[k]))];
    });
  },
  zeroWithout: 'positives',
  ordered: 'the first two items of each class are its pair',
});

it('nPairsLoss takes the first two items of each class that has two', () => {
  const counts = tf.tidy(() => {
    const plan = pairsOfLabels(tf.tensor1d([4, 7, 4, 9, 7, 4, 7], 'int32'));
    return nPairsLoss({ distances: tf.zeros([7, 7]), plan }).loss.counts.arraySync();
  });
  expect(counts).toEqual([1, 1, 0, 0, 0, 0, 0]);
});
