import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { columnsOf } from '../../../src/core/space.js';
import { fused, registerFused } from '../../../src/engine/fused.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { pairwiseDistance } from '../../../src/manifolds/distance/pairwise.js';
import { rowDistance } from '../../../src/manifolds/distance/rows.js';
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

const N = 4;
const M = 3;
const WEIGHTS = Float32Array.from({ length: N * M }, (_, i) => Math.sin(i + 1) + 1.5);

describe.each(PATHS)('derivatives by %s', (path) => {
  beforeEach(() => usePath(path));

  describe.each(SPACES)('%o', (space) => {
    const columns = columnsOf(space);
    const x = randomPoints(space, N, 11);
    const y = randomPoints(space, M, 12);
    const xy = Float32Array.from([...x, ...y]);
    const split = (t: tf.Tensor2D) =>
      [tf.slice(t, [0, 0], [N, columns]), tf.slice(t, [N, 0], [M, columns])] as const;
    const total = (t: tf.Tensor) => {
      const [p, q] = split(t as tf.Tensor2D);
      return tf.sum(tf.mul(pairwiseDistance(space, p, q), tf.tensor2d(WEIGHTS, [N, M]))) as tf.Scalar;
    };
    const reference = (at: Float64Array) =>
      weightedSum(space, at.subarray(0, N * columns), at.subarray(N * columns), columns, WEIGHTS);
    const gradientAt = (at: Float64Array) => differences(reference, at, WIDE_STEP);

    it('are those of the float64 distance', () => {
      const gradient = tf.tidy(() =>
        tf
          .grad(total)(tf.tensor2d(xy, [N + M, columns]))
          .dataSync(),
      );
      expect(worst(gradient, differences(reference, xy, STEP))).toBeLessThan(FIRST);
    });

    it('of row to row are those of the float64 distance', () => {
      const y4 = randomPoints(space, N, 13);
      const weights = WEIGHTS.subarray(0, N);
      const both = Float32Array.from([...x, ...y4]);
      const f = (t: tf.Tensor) => {
        const [p, q] = tf.split(t, 2) as [tf.Tensor2D, tf.Tensor2D];
        return tf.sum(tf.mul(rowDistance(space, p, q), tf.tensor1d(weights))) as tf.Scalar;
      };
      const gradient = tf.tidy(() =>
        tf
          .grad(f)(tf.tensor2d(both, [2 * N, columns]))
          .dataSync(),
      );
      const expected = differences(
        (at) =>
          weightedSum(space, at.subarray(0, N * columns), at.subarray(N * columns), columns, weights, true),
        both,
        STEP,
      );
      expect(worst(gradient, expected)).toBeLessThan(FIRST);
    });

    it('of a gradient penalty are differences of the first', () => {
      const v = Float32Array.from(xy, (_, i) => Math.cos(i * 1.7));
      const penalty = (t: tf.Tensor) =>
        tf.sum(tf.mul(tf.grad(total)(t), tf.tensor2d(v, [N + M, columns]))) as tf.Scalar;
      const second = tf.tidy(() =>
        tf
          .grad(penalty)(tf.tensor2d(xy, [N + M, columns]))
          .dataSync(),
      );
      const along = (h: number) => gradientAt(Float64Array.from(xy, (a, i) => a + h * v[i]));
      const [up, down] = [along(WIDE_STEP), along(-WIDE_STEP)];
      const expected = up.map((a, i) => (a - down[i]) / (2 * WIDE_STEP));
      expect(worst(second, expected)).toBeLessThan(SECOND);
    });

    it('of a gradient penalty by the weights are the derivative along the direction', () => {
      const v = Float32Array.from(xy, (_, i) => Math.cos(i * 1.7));
      const points = tf.tensor2d(xy, [N + M, columns]);
      const penalty = (w: tf.Tensor) => {
        const f = (t: tf.Tensor) => {
          const [p, q] = split(t as tf.Tensor2D);
          return tf.sum(tf.mul(pairwiseDistance(space, p, q), w)) as tf.Scalar;
        };
        return tf.sum(tf.mul(tf.grad(f)(points), tf.tensor2d(v, [N + M, columns]))) as tf.Scalar;
      };
      const toWeights = tf.tidy(() =>
        tf
          .grad(penalty)(tf.tensor2d(WEIGHTS, [N, M]))
          .dataSync(),
      );
      const expected = Float64Array.from(WEIGHTS, (_, at) => {
        const one = Float64Array.from(WEIGHTS, (_, i) => (i === at ? 1 : 0));
        const d = (h: number) => {
          const moved = Float64Array.from(xy, (a, i) => a + h * v[i]);
          return weightedSum(
            space,
            moved.subarray(0, N * columns),
            moved.subarray(N * columns),
            columns,
            one,
          );
        };
        return (d(STEP) - d(-STEP)) / (2 * STEP);
      });
      expect(worst(toWeights, expected)).toBeLessThan(FIRST);
      points.dispose();
    });

    it('of row to row in a gradient penalty are those of pairs of one row each', () => {
      const one = (t: Float32Array, i: number) => t.slice(i * columns, (i + 1) * columns);
      const pair = Float32Array.from([...one(x, 1), ...one(y, 2)]);
      const secondOf = (d: (p: tf.Tensor2D, q: tf.Tensor2D) => tf.Tensor) =>
        tf.tidy(() => {
          const f = (t: tf.Tensor) =>
            tf.sum(d(...(tf.split(t, 2) as [tf.Tensor2D, tf.Tensor2D]))) as tf.Scalar;
          const penalty = (t: tf.Tensor) => tf.sum(tf.square(tf.grad(f)(t))) as tf.Scalar;
          return tf
            .grad(penalty)(tf.tensor2d(pair, [2, columns]))
            .dataSync();
        });
      const rows = secondOf((p, q) => rowDistance(space, p, q));
      const all = secondOf((p, q) => pairwiseDistance(space, p, q));
      expect(worst(rows, all)).toBeLessThan(SECOND);
    });

    it('leave no tensors behind', async () => {
      const points = tf.tensor2d(xy, [N + M, columns]);
      expect(await leakedTensors(() => tf.tidy(() => tf.grad(total)(points)))).toBe(0);
      const penalty = (t: tf.Tensor) => tf.sum(tf.square(tf.grad(total)(t))) as tf.Scalar;
      expect(await leakedTensors(() => tf.tidy(() => tf.grad(penalty)(points)))).toBe(0);
      expect(await leakedTensors(() => pairwiseDistance(space, points, points))).toBe(0);
      expect(await leakedTensors(() => rowDistance(space, points, points))).toBe(0);
      points.dispose();
    });

    it('are 0 between coincident points', () => {
      if (space.kind === 'innerProduct') return;
      const row = tf.tensor2d(x.subarray(0, columns), [1, columns]);
      const f = (t: tf.Tensor) => tf.sum(pairwiseDistance(space, t as tf.Tensor2D, row)) as tf.Scalar;
      const penalty = (t: tf.Tensor) => tf.sum(tf.grad(f)(t)) as tf.Scalar;
      const first = tf.tidy(() => tf.grad(f)(row).dataSync());
      const second = tf.tidy(() => tf.grad(penalty)(row).dataSync());
      expect(Array.from(first, Math.abs)).toEqual(Array(columns).fill(0));
      if (space.kind !== 'cosine') expect(Array.from(second, Math.abs)).toEqual(Array(columns).fill(0));
      row.dispose();
    });

    if (!('curvature' in space)) return;
    it('by a learned curvature are those of the float64 distance', () => {
      const run = (layout: 'all' | 'rows') =>
        tf.tidy(() => {
          const p = tf.tensor2d(x.subarray(0, M * columns), [M, columns]);
          const q = tf.tensor2d(y, [M, columns]);
          const f = (K: tf.Tensor) => {
            const d =
              layout === 'all'
                ? pairwiseDistance(space, p, q, K as tf.Scalar)
                : rowDistance(space, p, q, K as tf.Scalar);
            return tf.sum(tf.mul(d, tf.tensor(WEIGHTS.subarray(0, d.size), d.shape))) as tf.Scalar;
          };
          return tf.grad(f)(tf.scalar(space.curvature)).dataSync()[0];
        });
      for (const layout of ['all', 'rows'] as const) {
        const K32 = Math.fround(space.curvature);
        const value = (K: number) =>
          weightedSum(
            { ...space, curvature: K },
            Float64Array.from(x.subarray(0, M * columns)),
            Float64Array.from(y),
            columns,
            WEIGHTS,
            layout === 'rows',
          );
        const expected = (value(K32 + STEP) - value(K32 - STEP)) / (2 * STEP);
        expect(Math.abs(run(layout) - expected)).toBeLessThan(1e-5 * Math.abs(expected));
      }
    });

    it('by a learned curvature are given once only', () => {
      const p = tf.tensor2d(x, [N, columns]);
      const f = (K: tf.Tensor) => tf.sum(pairwiseDistance(space, p, p, K as tf.Scalar)) as tf.Scalar;
      const K = tf.scalar(space.curvature);
      expect(() => tf.tidy(() => tf.grad((t) => tf.grad(f)(t))(K))).toThrow(UsageError);
      tf.dispose([p, K]);
    });
  });
});
