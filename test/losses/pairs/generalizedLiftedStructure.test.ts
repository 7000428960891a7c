import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { generalizedLiftedStructureLoss } from '../../../src/losses/pairs/generalizedLiftedStructure.js';
import { at, describeTupleLoss, logSumExp } from './tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

const [negMargin, posMargin] = [-1.2, 0.5];
describeTupleLoss('generalizedLiftedStructureLoss', {
  fused: true,
  loss: (compared) => generalizedLiftedStructureLoss(compared, { negMargin, posMargin }),
  oracle: (d, { positives, negatives }) =>
    d.map((row, i) => {
      const near = at(positives[i]).map((p) => row[p] - posMargin);
      const far = at(negatives[i]).map((n) => negMargin - row[n]);
      const log = (values: number[]) => (values.length > 0 ? logSumExp(values) : 0);
      return [Math.max(0, log(near) + log(far))];
    }),
  zeroWithout: 'both',
});

it('generalizedLiftedStructureLoss of one positive at 2 and one negative at 1.5 is 1.5', () => {
  const value = tf.tidy(() => {
    const plan = { positives: tf.tensor2d([[1, 0]]), negatives: tf.tensor2d([[0, 1]]) };
    const { loss } = generalizedLiftedStructureLoss({ distances: tf.tensor2d([[2, 1.5]]), plan });
    return loss.values.dataSync()[0];
  });
  expect(value).toBeCloseTo(2 + (1 - 1.5), 6);
});
