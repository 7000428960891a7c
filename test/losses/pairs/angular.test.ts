import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../../src/core/errors.js';
import { fused, registerFused } from '../../../src/engine/fused.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { angularLoss } from '../../../src/losses/pairs/angular.js';
import { loadNative } from '../../../src/native/index.js';
import { gradientError } from '../../laws/gradient.js';
import { GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';
import { at, describeTupleLoss, logSumExp } from './tupleLaws.js';

let registered: ReturnType<typeof fused<'angular'>>;
beforeAll(async () => {
  await openEngine();
  registered = fused('angular');
});
afterAll(() => registerFused('angular', registered));

const tan2 = Math.tan((35 * Math.PI) / 180) ** 2;
describe.each(loadNative() ? ['fused', 'slots'] : ['slots'])('by %s', (path) => {
  beforeEach(() => registerFused('angular', path === 'fused' ? loadNative()?.angular : undefined));

  describeTupleLoss('angularLoss', {
    loss: (compared) => angularLoss({ ...compared, zero: 1 }, { alpha: 35 }),
    oracle: (d, { positives, negatives }) =>
      d.map((row, i) =>
        at(positives[i]).map((p) =>
          logSumExp([
            0,
            ...at(negatives[i]).map((n) => 4 * tan2 * (2 - row[n] - d[p][n]) - 2 * (1 + tan2) * (1 - row[p])),
          ]),
        ),
      ),
  });

  it('gives a gradient to the lengths of negatives', () => {
    const distances = tf.tensor2d([
      [0, 0.4, 1.1],
      [0.4, 0, 0.7],
      [1.1, 0.7, 0],
    ]);
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
    const lengths = tf.tensor1d([0.9, 1.4, 1.2]);
    const f = (norms: tf.Tensor) =>
      tf.sum(
        angularLoss({ distances, plan: { positives, negatives }, zero: 1 }, { norms: norms as tf.Tensor1D })
          .loss.values,
      ) as tf.Scalar;
    expect(gradientError(f, lengths)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([distances, positives, negatives, lengths]);
  });

  it('counts a pair as often as the plan does', () => {
    tf.tidy(() => {
      const distances = tf.tensor2d([[0, 0.4, 1.1, 0.9], ...new Array(3).fill([0.3, 0.2, 0.8, 0.6])]);
      const none = new Array(3).fill([0, 0, 0, 0]);
      const plan = {
        positives: tf.tensor2d([[0, 2, 0, 0], ...none]),
        negatives: tf.tensor2d([[0, 0, 3, 1], ...none]),
      };
      const { values, counts, active } = angularLoss({ distances, plan, zero: 1 }, { alpha: 35 }).loss;
      const [far, near] = [1.1 + 0.8, 0.9 + 0.6].map((d) => 4 * tan2 * (2 - d) - 2 * (1 + tan2) * 0.6);
      expect(values.dataSync()[0]).toBeCloseTo(2 * Math.log(1 + 3 * Math.exp(far) + Math.exp(near)), 5);
      expect([counts, active as tf.Tensor].map((t) => t.dataSync()[0])).toEqual([2, 2]);
    });
  });
});

it('angularLoss refuses angles outside of (0, 90) and norms of another number', () => {
  const matrix = tf.zeros([2, 2]) as tf.Tensor2D;
  const compared = { distances: matrix, plan: { positives: matrix, negatives: matrix } };
  for (const alpha of [0, 90, Number.NaN])
    expect(() => angularLoss(compared, { alpha })).toThrow(DomainError);
  const norms = tf.ones([3]) as tf.Tensor1D;
  expect(() => angularLoss(compared, { norms })).toThrow(ShapeError);
  tf.dispose([matrix, norms]);
});
