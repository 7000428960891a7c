import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import {
  orderHinge,
  sampleQuadruplets,
  sampleTriplets,
} from '../../../src/losses/preservation/orderHinge.js';
import { rankCorrelation } from '../../../src/losses/preservation/rankCorrelation.js';
import { manifoldOn } from '../../../src/manifolds/manifoldOn.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';
import {
  distancesOf,
  inputDistances,
  moved,
  nameOf,
  number,
  numbers,
  pointsOf,
  SPACES,
  tangents,
} from './spaces.js';

beforeAll(async () => {
  await openEngine();
});

const N = 6;
const BAD = [0, Number.NaN, 1, Number.NaN, 0, 1, 1, 1, 0];

/** 1 - the mean over rows of Pearson's correlation of soft ranks with ranks, by its definition. */
function rankOracle(e: Float64Array, d: Float64Array, n: number, temperature: number): number {
  const rows = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => j).filter((j) => j !== i),
  );
  let mean = 0;
  rows.forEach((others, i) => {
    for (const j of others) mean += e[i * n + j] / (n * (n - 1));
  });
  const costs = rows.map((others, i) => {
    const rank = (of: (j: number, k: number) => number) =>
      others.map((j) => others.reduce((sum, k) => sum + of(i * n + j, i * n + k), 0));
    const soft = rank((j, k) => 1 / (1 + Math.exp(-(e[j] - e[k]) / (temperature * mean))));
    const exact = rank((j, k) => (d[k] < d[j] ? 1 : d[k] === d[j] ? 0.5 : 0));
    const centred = (ranks: number[]) =>
      ranks.map((r) => r - ranks.reduce((a, b) => a + b, 0) / ranks.length);
    const [a, b] = [centred(soft), centred(exact)];
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, k) => sum + value * y[k], 0);
    return 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  });
  return costs.reduce((a, b) => a + b, 0) / n;
}

describe('rankCorrelation', () => {
  describe.each(SPACES.map((space) => [nameOf(space), space] as const))('of codes in %s', (_, space) => {
    it.each([0.05, 0.5])('is one minus the correlation of ranks at temperature %s', (temperature) => {
      const [v, d] = [tangents(N, 1), inputDistances(N, 2)];
      const e = numbers(() => distancesOf(space, v));
      const got = number(() => rankCorrelation(distancesOf(space, v), d, { temperature }));
      expect(
        Math.abs(
          got -
            rankOracle(
              e,
              numbers(() => tf.clone(d)),
              N,
              temperature,
            ),
        ),
      ).toBeLessThan(FLOAT32);
      tf.dispose([v, d]);
    });

    it('has the gradient of its values', () => {
      const [v, d] = [tangents(N, 3), inputDistances(N, 4)];
      const f = (t: tf.Tensor) => rankCorrelation(distancesOf(space, t), d, { temperature: 0.5 });
      expect(gradientError(f, v, 3e-3)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
      tf.dispose([v, d]);
    });

    it('does not change when the codes are moved by an isometry, or measured in another unit', () => {
      const [v, d] = [tangents(N, 5), inputDistances(N, 6)];
      const metric = manifoldOn(space);
      const value = (move: boolean, unit: number) =>
        number(() => {
          const points = pointsOf(space, v);
          const there = move ? moved(space, points) : points;
          return rankCorrelation(tf.mul(metric.pairwise(there, there), unit), d);
        });
      // The sigmoids are ten times as steep as the distances are exact.
      expect(value(true, 1)).toBeCloseTo(value(false, 1), 3);
      expect(value(false, 50)).toBeCloseTo(value(false, 1), 4);
      tf.dispose([v, d]);
    });
  });

  it('is near 0 for any rising function of the inputs, and near 2 for a falling one', () => {
    const d = inputDistances(8, 7);
    const off = (f: (t: tf.Tensor) => tf.Tensor) =>
      number(() => rankCorrelation(tf.mul(f(d), tf.step(d)), d, { temperature: 1e-3 }));
    expect(off((t) => tf.square(t))).toBeLessThan(0.01);
    expect(off((t) => tf.exp(tf.neg(t)))).toBeGreaterThan(1.98);
    d.dispose();
  });

  it('takes a list of pairs as one ranking', () => {
    const [e, d] = [tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([1, 3, 2, 4])];
    // By hand: Spearman's 1 - 6 Σ 1 / (4 · 15), with two ranks exchanged.
    expect(number(() => rankCorrelation(e, d, { temperature: 1e-3 }))).toBeCloseTo(0.2, 5);
    tf.dispose([e, d]);
  });

  it('works in blocks of rows as in one', () => {
    const n = 180;
    const [e, d] = [inputDistances(n, 8), inputDistances(n, 9)];
    const host = [e, d].map((t) => numbers(() => tf.clone(t)));
    const got = number(() => rankCorrelation(e, d));
    expect(Math.abs(got - rankOracle(host[0], host[1], n, 0.1))).toBeLessThan(FLOAT32);
    tf.dispose([e, d]);
  });

  it('leaves out items without an order, and gives 0 when none has one', () => {
    const e = inputDistances(3, 10);
    const { value, grad } = tf.valueAndGrad((t) => rankCorrelation(t, tf.zeros([3, 3])))(e);
    expect([...value.dataSync(), ...grad.dataSync()].every((x) => x === 0)).toBe(true);
    // From item 0 both others are 1 away; the rest see an order, which the codes keep.
    const d = tf.tensor2d([0, 1, 1, 1, 0, 2, 1, 2, 0], [3, 3]);
    expect(number(() => rankCorrelation(d, d, { temperature: 1e-3 }))).toBeCloseTo(0, 5);
    tf.dispose([e, value, grad, d]);
  });

  it('is 0 for a batch of two items or fewer, which have no order', () => {
    for (const n of [0, 1, 2])
      expect(number(() => rankCorrelation(tf.zeros([n, n]), tf.zeros([n, n])))).toBe(0);
  });

  it('is 1 with gradient 0 where all codes coincide', () => {
    const d = inputDistances(4, 11);
    const { value, grad } = tf.valueAndGrad((t) => rankCorrelation(t, d))(tf.zeros([4, 4]));
    expect(value.dataSync()[0]).toBeCloseTo(1, 6);
    expect(Array.from(grad.dataSync()).every((x) => x === 0)).toBe(true);
    tf.dispose([d, value, grad]);
  });

  it('gives NaN for NaN and refuses bad shapes and temperatures', () => {
    const [bad, d] = [tf.tensor2d(BAD, [3, 3]), inputDistances(3, 12)];
    expect(number(() => rankCorrelation(bad, d))).toBeNaN();
    expect(number(() => rankCorrelation(d, bad))).toBeNaN();
    tf.tidy(() => {
      expect(() => rankCorrelation(d, tf.zeros([2, 2]))).toThrow(ShapeError);
      expect(() => rankCorrelation(d, d, { temperature: 0 })).toThrow(DomainError);
    });
    tf.dispose([bad, d]);
  });

  it('leaves no tensors behind', async () => {
    const [e, d] = [inputDistances(N, 13), inputDistances(N, 14)];
    expect(await leakedTensors(() => tf.grad((t) => rankCorrelation(t, d))(e))).toBe(0);
    tf.dispose([e, d]);
  });
});

describe('orderHinge', () => {
  const compared = sampleTriplets(N, 40, new Rng(1));

  describe.each(SPACES.map((space) => [nameOf(space), space] as const))('of codes in %s', (_, space) => {
    it('is the mean hinge over comparisons', () => {
      const [v, d] = [tangents(N, 1), inputDistances(N, 2)];
      const [e, host] = [numbers(() => distancesOf(space, v)), numbers(() => tf.clone(d))];
      const costs = Array.from(compared.first, (p, c) => {
        const q = compared.second[c];
        const [near, far] = host[p] < host[q] ? [p, q] : [q, p];
        return Math.max(0, 0.2 + e[near] - e[far]);
      });
      const got = number(() => orderHinge(distancesOf(space, v), d, compared, { margin: 0.2 }));
      expect(got).toBeCloseTo(costs.reduce((a, b) => a + b, 0) / costs.length, 5);
      tf.dispose([v, d]);
    });

    it('has the gradient of its values', () => {
      const [v, d] = [tangents(N, 3), inputDistances(N, 4)];
      const f = (t: tf.Tensor) => orderHinge(distancesOf(space, t), d, compared);
      // Hinges have corners: the step is too small to pass one here.
      expect(gradientError(f, v, 5e-4)).toBeLessThan(2 * GRADIENT_BY_DIFFERENCES);
      tf.dispose([v, d]);
    });

    it('is 0 for an isometry without a margin', () => {
      const v = tangents(N, 5);
      expect(
        number(() => {
          const d = distancesOf(space, v);
          return orderHinge(d, d, compared, { margin: 0 });
        }),
      ).toBe(0);
      v.dispose();
    });
  });

  it('asks for nothing where inputs are equally far', () => {
    const e = inputDistances(N, 6);
    const { value, grad } = tf.valueAndGrad((t) => orderHinge(t, tf.zeros([N, N]), compared))(e);
    expect([...value.dataSync(), ...grad.dataSync()].every((x) => x === 0)).toBe(true);
    tf.dispose([e, value, grad]);
  });

  it('gives NaN for NaN among the compared', () => {
    const [bad, d] = [tf.tensor2d(BAD, [3, 3]), inputDistances(3, 7)];
    const one = { first: Int32Array.of(1), second: Int32Array.of(2) };
    expect(number(() => orderHinge(bad, d, one))).toBeNaN();
    expect(number(() => orderHinge(d, bad, one))).toBeNaN();
    tf.dispose([bad, d]);
  });

  it('refuses comparisons that are not there', () => {
    tf.tidy(() => {
      const d = tf.zeros([3, 3]);
      const list = (first: number[], second: number[]) => ({
        first: Int32Array.from(first),
        second: Int32Array.from(second),
      });
      expect(() => orderHinge(d, d, list([], []))).toThrow(UsageError);
      expect(() => orderHinge(d, d, list([1], [9]))).toThrow(UsageError);
      expect(() => orderHinge(d, d, list([1, 2], [3]))).toThrow(ShapeError);
      expect(() => orderHinge(d, d, list([1], [2]), { margin: -1 })).toThrow(DomainError);
    });
  });

  it('draws triplets of three different items, all of them', () => {
    const { first, second } = sampleTriplets(4, 500, new Rng(2));
    const seen = new Set(Array.from(first, (p, c) => `${p} ${second[c]}`));
    expect(seen.size).toBe(4 * 3 * 2);
    first.forEach((p, c) => {
      const items = [Math.floor(p / 4), p % 4, second[c] % 4];
      expect(Math.floor(second[c] / 4)).toBe(items[0]);
      expect(new Set(items).size).toBe(3);
    });
    expect(() => sampleTriplets(2, 1, new Rng(1))).toThrow(UsageError);
  });

  it('draws quadruplets of two pairs of different items', () => {
    const { first, second } = sampleQuadruplets(4, 200, new Rng(3));
    expect([...first, ...second].every((p) => Math.floor(p / 4) !== p % 4)).toBe(true);
  });
});
