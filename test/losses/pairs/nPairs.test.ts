import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { createLoss } from '../../../src/losses/named/createLoss.js';
import { nPairsLoss, nPairsOf } from '../../../src/losses/pairs/nPairs.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { pairsOfLabels } from '../../../src/sampling/pairs.js';
import { FLOAT32 } from '../../laws/tolerance.js';
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

describe('NPairsLoss by name, which compares the pairs alone,', () => {
  const labels = Int32Array.from([4, 7, 4, 9, 7, 4, 7, 2, 2]);
  const points = () => {
    const rng = new Rng(5);
    return tf.tensor2d(
      Array.from({ length: labels.length }, () => [0, 1, 2].map(() => rng.uniform(-0.5, 0.5))),
    );
  };
  const spaces: readonly Space[] = [
    { kind: 'cosine', dim: 3 },
    { kind: 'innerProduct', dim: 3 },
    { kind: 'poincare', dim: 3, curvature: -0.7 },
  ];

  it.each(spaces)('has the terms and the gradient of nPairsLoss on the whole batch: $kind', (space) => {
    const loss = createLoss('NPairsLoss', {}, { space });
    tf.tidy(() => {
      const weights = tf.tensor1d(Array.from(labels, (_, i) => 1 + i));
      const metric = metricOn(space);
      const alone = (x: tf.Tensor2D) =>
        loss.terms({ embeddings: x, relation: { kind: 'labels', labels } })['loss'];
      const whole = (x: tf.Tensor2D) =>
        nPairsLoss({ distances: metric.pairwise(x, x), plan: pairsOfLabels(tf.tensor1d(labels, 'int32')) })
          .loss;
      const [a, b] = [alone, whole].map((terms) => {
        const weighed = (x: tf.Tensor) =>
          tf.sum(tf.mul(terms(x as tf.Tensor2D).values, weights)) as tf.Scalar;
        const { values, counts } = terms(points());
        return [values, counts, tf.grad(weighed)(points())].map((t) => Array.from(t.dataSync()));
      });
      expect(a[1]).toEqual(b[1]);
      for (const part of [0, 2]) {
        expect(a[part].some((v) => v !== 0)).toBe(true);
        a[part].forEach((v, at) => {
          expect(Math.abs(v - b[part][at])).toBeLessThanOrEqual(FLOAT32 * Math.max(1, Math.abs(b[part][at])));
        });
      }
    });
  });

  it('refuses distances that are not those of its pairs', () => {
    tf.tidy(() => {
      expect(() => nPairsOf(tf.zeros([2, 3]), Int32Array.of(0, 1), 4)).toThrow(/square/);
      expect(() => nPairsOf(tf.zeros([2, 2]), Int32Array.of(0), 4)).toThrow(/anchors/);
    });
  });
});
