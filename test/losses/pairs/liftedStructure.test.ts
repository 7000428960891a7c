import { beforeAll, expect, it } from 'vitest';
import { ShapeError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { liftedStructureLoss } from '../../../src/losses/pairs/liftedStructure.js';
import { at, describeTupleLoss, logSumExp, total } from './tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

const [negMargin, posMargin] = [-0.8, 0.3];
describeTupleLoss('liftedStructureLoss', {
  loss: (compared) => liftedStructureLoss(compared, { negMargin, posMargin }),
  oracle: (d, { positives, negatives }) =>
    d.map((row, i) =>
      (total(negatives.flat()) > 0 ? at(positives[i]) : []).map((p) => {
        const far = [i, p].flatMap((end) => at(negatives[end]).map((n) => negMargin - d[end][n]));
        return Math.max(0, (far.length > 0 ? logSumExp(far) : 0) + row[p] - posMargin) ** 2 / 2;
      }),
    ),
});

it('liftedStructureLoss of two equal pairs of classes is what the formula gives by hand', () => {
  // One class {0, 1}, one negative 2: J = log(2 exp(1 - 1)) + 1 = 1 + log 2 for both directions.
  const value = tf.tidy(() => {
    const distances = tf.tensor2d([
      [0, 1, 1],
      [1, 0, 1],
      [1, 1, 0],
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
    return liftedStructureLoss({ distances, plan: { positives, negatives } }).loss.values.arraySync();
  }) as unknown as number[];
  const expected = (1 + Math.LN2) ** 2 / 2;
  expect(value).toEqual([expected, expected, 0].map((v) => expect.closeTo(v, 5)));
});

it('liftedStructureLoss refuses other references than the anchors', () => {
  const matrix = tf.zeros([2, 3]) as tf.Tensor2D;
  const compared = { distances: matrix, plan: { positives: matrix, negatives: matrix } };
  expect(() => liftedStructureLoss(compared)).toThrow(ShapeError);
  matrix.dispose();
});
