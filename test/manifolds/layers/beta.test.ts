import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { betaConcat, betaRatio, betaSplit, halfBeta } from '../../../src/manifolds/layers/beta.js';
import { leakedTensors } from '../../laws/gradient.js';
import { ballPoints, expectNear, tensor } from './support.js';

beforeAll(async () => {
  await openEngine();
});

describe('beta function', () => {
  it('has its values at halves of small whole numbers', () => {
    // By hand: B(1/2, 1/2) = π, B(1, 1/2) = 2, B(3/2, 1/2) = π/2, B(2, 1/2) = 4/3, B(5/2, 1/2) = 3π/8.
    const expected = [Math.PI, 2, Math.PI / 2, 4 / 3, (3 * Math.PI) / 8];
    for (const [i, value] of expected.entries()) expect(halfBeta(i + 1)).toBeCloseTo(value, 14);
  });

  it('falls as √(2π/n) for many dimensions', () => {
    // Stirling: the next term is 1/(4n) relative.
    for (const n of [10_000, 10_001]) expect(halfBeta(n) / Math.sqrt((2 * Math.PI) / n)).toBeCloseTo(1, 4);
  });

  it('has a ratio of 1 for a part that is the whole', () => {
    expect(betaRatio(7, 7)).toBe(1);
  });

  it('refuses dimensions that are none', () => {
    for (const n of [0, 1.5, Number.NaN]) expect(() => halfBeta(n)).toThrow(/halfBeta n/);
  });
});

describe('β-concatenation and split', () => {
  const parts = [ballPoints([3, 2], 1, 0.8, 1), ballPoints([3, 1], 1, 0.8, 2), ballPoints([3, 4], 1, 0.8, 3)];

  it('are inverse to each other', () => {
    const back = tf.tidy(() => {
      const whole = betaConcat(
        parts.map((part) => tensor(part)),
        -1,
      );
      return betaSplit(whole, [2, 1, 4], -1).map((t) => ({ shape: t.shape, data: Array.from(t.dataSync()) }));
    });
    for (const [i, part] of parts.entries()) expectNear(back[i], part);
  });

  it('refuses sizes that do not sum to the columns', () => {
    expect(() => tf.tidy(() => betaSplit(tensor(parts[2]), [2, 1], -1))).toThrow(ShapeError);
  });

  it('leave no tensors behind', async () => {
    const x = tensor(parts[2]);
    const split = betaSplit(x, [1, 3], -1);
    expect(await leakedTensors(() => betaSplit(x, [1, 3], -1))).toBe(0);
    expect(await leakedTensors(() => betaConcat(split, -1))).toBe(0);
    tf.dispose(split);
    x.dispose();
  });
});
