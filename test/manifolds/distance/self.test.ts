import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { columnsOf } from '../../../src/core/space.js';
import { fused, registerFused } from '../../../src/engine/fused.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { pairwiseDistance } from '../../../src/manifolds/distance/pairwise.js';
import { leakedTensors } from '../../laws/gradient.js';
import { differences, PATHS, randomPoints, SPACES, usePath, weightedSum, worst } from './points.js';

/** Central differences of a float64 distance at a step of 1e-5: float32 of the result is what remains. */
const FIRST = 3e-6;
/** Second derivatives in float32 tensors lose a digit to the sums of both terms; differences of float64 lose none. */
const SECOND = 3e-5;
const STEP = 1e-5;
const WIDE_STEP = 1e-4;

let registered: ReturnType<typeof fused<'pairs'>>;
beforeAll(async () => {
  await openEngine();
  registered = fused('pairs');
});
afterAll(() => registerFused('pairs', registered));

const N = 5;
/** Nothing on the diagonal: a distance of 0 has no derivative. */
const WEIGHTS = Float32Array.from({ length: N * N }, (_, i) => (i % (N + 1) ? Math.sin(i + 1) + 1.5 : 0));

describe.each(PATHS)('distances of a batch to itself by %s', (path) => {
  beforeEach(() => usePath(path));

  describe.each(SPACES)('%o', (space) => {
    const columns = columnsOf(space);
    const values = randomPoints(space, N, 21);
    const batch = () => tf.tensor2d(values, [N, columns]);
    const v = Float32Array.from(values, (_, i) => Math.cos(i * 1.7));
    const weighted = (d: tf.Tensor, w?: tf.Tensor): tf.Scalar =>
      tf.sum(tf.mul(d, w ?? tf.tensor2d(WEIGHTS, [N, N])));
    const total = (t: tf.Tensor) => weighted(pairwiseDistance(space, t as tf.Tensor2D, t as tf.Tensor2D));
    const reference = (at: Float64Array, weights = WEIGHTS) => weightedSum(space, at, at, columns, weights);
    const along = (t: tf.Tensor): tf.Scalar => tf.sum(tf.mul(t, tf.tensor2d(v, [N, columns])));

    it('have the bits of those to a copy', () => {
      const [self, copied] = tf.tidy(() => {
        const x = batch();
        return [
          pairwiseDistance(space, x, x).dataSync(),
          pairwiseDistance(space, x, batch()).dataSync(),
        ] as const;
      });
      if (path === 'fused') expect(self).toEqual(copied);
      else expect(worst(self, copied)).toBeLessThan(FIRST);
    });

    it('have the gradient of the float64 distances, from both sides', () => {
      const gradient = tf.tidy(() => tf.grad(total)(batch()).dataSync());
      expect(worst(gradient, differences(reference, values, STEP))).toBeLessThan(FIRST);
    });

    it('give another tensor of the same values its own side alone', () => {
      const [toX, toCopy, toOne] = tf.tidy(() => {
        const [x, copy] = [batch(), batch()];
        const d = (a: tf.Tensor, b: tf.Tensor) => pairwiseDistance(space, a as tf.Tensor2D, b as tf.Tensor2D);
        const [a, b] = tf.grads((p: tf.Tensor, q: tf.Tensor) => weighted(d(p, q)))([x, copy]);
        const one = tf.grad((p) => weighted(d(p, copy)))(x);
        return [a.dataSync(), b.dataSync(), one.dataSync()] as const;
      });
      const whole = tf.tidy(() => tf.grad(total)(batch()).dataSync());
      expect(toOne).toEqual(toX);
      expect(
        worst(
          whole,
          toX.map((g, k) => g + toCopy[k]),
        ),
      ).toBeLessThan(FIRST);
    });

    it('have second derivatives, of a gradient penalty', () => {
      const penalty = (t: tf.Tensor) => along(tf.grad(total)(t));
      const second = tf.tidy(() => tf.grad(penalty)(batch()).dataSync());
      const gradientAt = (h: number) =>
        differences(
          reference,
          Float64Array.from(values, (a, i) => a + h * v[i]),
          WIDE_STEP,
        );
      const [up, down] = [gradientAt(WIDE_STEP), gradientAt(-WIDE_STEP)];
      const expected = up.map((a, i) => (a - down[i]) / (2 * WIDE_STEP));
      expect(worst(second, expected)).toBeLessThan(SECOND);
    });

    it('have second derivatives by what pulls on them', () => {
      const toWeights = tf.tidy(() => {
        const x = batch();
        const penalty = (w: tf.Tensor) =>
          along(tf.grad((t) => weighted(pairwiseDistance(space, t as tf.Tensor2D, t as tf.Tensor2D), w))(x));
        return tf
          .grad(penalty)(tf.tensor2d(WEIGHTS, [N, N]))
          .dataSync();
      });
      const expected = Float64Array.from(WEIGHTS, (_, pair) => {
        if (pair % (N + 1) === 0) return toWeights[pair];
        const one = WEIGHTS.map((_, i) => (i === pair ? 1 : 0));
        const d = (h: number) =>
          reference(
            Float64Array.from(values, (a, i) => a + h * v[i]),
            one,
          );
        return (d(STEP) - d(-STEP)) / (2 * STEP);
      });
      expect(worst(toWeights, expected)).toBeLessThan(FIRST);
    });

    it('leave no tensors behind', async () => {
      const x = batch();
      const penalty = (t: tf.Tensor) => tf.sum(tf.square(tf.grad(total)(t))) as tf.Scalar;
      expect(await leakedTensors(() => tf.tidy(() => tf.grad(total)(x)))).toBe(0);
      expect(await leakedTensors(() => tf.tidy(() => tf.grad(penalty)(x)))).toBe(0);
      x.dispose();
    });

    if (!('curvature' in space)) return;
    it('have the gradients to the points and to a learned curvature together', () => {
      const [toX, toK] = tf.tidy(() => {
        const f = (t: tf.Tensor, K: tf.Tensor) =>
          weighted(pairwiseDistance(space, t as tf.Tensor2D, t as tf.Tensor2D, K as tf.Scalar));
        return tf
          .grads(f)([batch(), tf.scalar(space.curvature)])
          .map((g) => g.dataSync());
      });
      const K32 = Math.fround(space.curvature);
      const value = (K: number, at: Float64Array = Float64Array.from(values)) =>
        weightedSum({ ...space, curvature: K }, at, at, columns, WEIGHTS);
      const expected = (value(K32 + STEP) - value(K32 - STEP)) / (2 * STEP);
      expect(Math.abs(toK[0] - expected)).toBeLessThan(1e-5 * Math.abs(expected));
      expect(
        worst(
          toX,
          differences((at) => value(K32, at), values, STEP),
        ),
      ).toBeLessThan(FIRST);
    });

    it('refuse a second derivative where the curvature is learned', () => {
      const run = (by: 'points' | 'curvature') =>
        tf.tidy(() => {
          const [x, K] = [batch(), tf.scalar(space.curvature)];
          const f = (t: tf.Tensor, k: tf.Tensor) =>
            tf.sum(pairwiseDistance(space, t as tf.Tensor2D, t as tf.Tensor2D, k as tf.Scalar)) as tf.Scalar;
          if (by === 'points') return tf.grad((k) => tf.sum(tf.grad((t) => f(t, k))(x)))(K);
          return tf.grad((t) => tf.grad((k) => f(t, k))(K))(x);
        });
      expect(() => run('points')).toThrow(UsageError);
      expect(() => run('curvature')).toThrow(UsageError);
    });
  });

  it('refuse a third derivative', () => {
    const space = { kind: 'poincare', dim: 2, curvature: -1 } as const;
    const x = tf.tensor2d([0.1, 0.2, 0.3, -0.1], [2, 2]);
    const f = (t: tf.Tensor) => tf.sum(pairwiseDistance(space, t as tf.Tensor2D, t as tf.Tensor2D));
    const g = (t: tf.Tensor) => tf.sum(tf.square(tf.grad(f)(t)));
    const h = (t: tf.Tensor) => tf.sum(tf.square(tf.grad(g)(t)));
    expect(() => tf.tidy(() => tf.grad(h)(x))).toThrow(/third derivative/);
    x.dispose();
  });

  it('of no rows are none, with a gradient', () => {
    const none = tf.zeros([0, 3]) as tf.Tensor2D;
    const space = { kind: 'euclidean', dim: 3 } as const;
    tf.tidy(() => {
      expect(pairwiseDistance(space, none, none).shape).toEqual([0, 0]);
      const f = (t: tf.Tensor) => pairwiseDistance(space, t as tf.Tensor2D, t as tf.Tensor2D);
      expect(tf.grad(f)(none, tf.zeros([0, 0])).shape).toEqual([0, 3]);
    });
    none.dispose();
  });
});
