import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { exp0 as exactExp0 } from '../../src/geometry/stereographic.js';
import * as exact from '../../src/geometry/stereographicGyrovector.js';
import * as gyro from '../../src/manifolds/gyrovector.js';
import { gradientError } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';
import { CURVATURES, DIM, expectClose, points, ROWS, rowsOf } from './stereographicSupport.js';

beforeAll(async () => {
  await openEngine();
});

describe('hyperplanes', () => {
  it.each(CURVATURES)('distances are those of float64 at K = %f', (K) => {
    const [x, p, a] = [points(ROWS, DIM, K, 1, 0.8), points(3, DIM, K, 2, 0.8), points(3, DIM, -1, 3)];
    const tensors = [
      tf.tensor2d(x, [ROWS, DIM]),
      tf.tensor2d(p, [3, DIM]),
      tf.tensor2d(a, [3, DIM]),
    ] as const;
    const expected = rowsOf(x, DIM).flatMap((row) =>
      rowsOf(p, DIM).map((at, j) => exact.distanceToHyperplane(row, at, rowsOf(a, DIM)[j], K)),
    );
    expectClose(gyro.distanceToHyperplane(...tensors, K).dataSync(), expected, 3 * FLOAT32);
    expectClose(gyro.distanceToHyperplane(...tensors, tf.scalar(K)).dataSync(), expected, 3 * FLOAT32);
  });

  it.each(CURVATURES)(
    'scores are twice the length of the normal times the distance to the plane through exp0(r ẑ) at K = %f',
    (K) => {
      const [x, z] = [points(ROWS, DIM, K, 1, 0.8), points(3, DIM, -1, 3)];
      const r = [0.2, 0, -0.3];
      const normals = tf.transpose(tf.tensor2d(z, [3, DIM])) as tf.Tensor2D;
      const planes = rowsOf(z, DIM).map((normal, j) => {
        const length = Math.hypot(...normal);
        const offset = exactExp0(
          normal.map((v) => (v * r[j]) / length),
          K,
        );
        return { normal, length, offset };
      });
      const expected = rowsOf(x, DIM).flatMap((row) =>
        planes.map(
          ({ normal, length, offset }) => 2 * length * exact.distanceToHyperplane(row, offset, normal, K),
        ),
      );
      for (const k of [K, tf.scalar(K)]) {
        const got = gyro.hyperplaneScores(tf.tensor2d(x, [ROWS, DIM]), normals, tf.tensor1d(r), k);
        expectClose(got.dataSync(), expected, FLOAT32);
      }
    },
  );

  it.each([-1, 0, 1])('have the gradients of their values at K = %f', (K) => {
    const [x, p, a] = [points(4, 3, K, 1, 0.6), points(2, 3, K, 2, 0.6), points(2, 3, -1, 3)].map((data) =>
      tf.tensor2d(data, [data.length / 3, 3]),
    );
    const weights = tf.tensor2d([1, -2, 3, 4, -5, 6, 7, 8], [4, 2]);
    const r = tf.tensor1d([0.2, -0.1]);
    const distances = (...args: tf.Tensor[]) =>
      tf.sum(
        tf.mul(
          weights,
          gyro.distanceToHyperplane(...(args as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Scalar])),
        ),
      ) as tf.Scalar;
    const scores = (...args: tf.Tensor[]) =>
      tf.sum(
        tf.mul(
          weights,
          gyro.hyperplaneScores(...(args as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.Scalar])),
        ),
      ) as tf.Scalar;
    for (const [f, args] of [
      [distances, [x, p, a, tf.scalar(K)]],
      [scores, [x, tf.transpose(a), r, tf.scalar(K)]],
    ] as const) {
      args.forEach((at, i) => {
        const moved = (t: tf.Tensor) => f(...args.map((arg, j) => (j === i ? t : arg)));
        expect(gradientError(moved, at, 3e-3)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
      });
    }
  });

  it('a column of zeros scores 0 with a finite gradient', () => {
    const z = tf.tensor2d([0, 1, 0, 2], [2, 2]);
    const x = tf.tensor2d([[0.1, 0.3]]);
    const { value, grad } = tf.valueAndGrad((t) =>
      gyro.hyperplaneScores(x, t as tf.Tensor2D, tf.tensor1d([0.1, 0.1]), -1),
    )(z, tf.ones([1, 2]));
    expect(Math.abs(value.dataSync()[0])).toBe(0);
    for (const g of grad.dataSync()) expect(Number.isFinite(g)).toBe(true);
  });

  it('on a sphere the farthest point is a quarter circle away, with a finite gradient', () => {
    const x = tf.tensor2d([[1, 0]]);
    const f = (t: tf.Tensor) =>
      gyro.distanceToHyperplane(t as tf.Tensor2D, tf.zeros([1, 2]), tf.tensor2d([[0.3, 0]]), 1);
    expect(f(x).dataSync()[0]).toBeCloseTo(Math.PI / 2, 6);
    for (const g of tf.grad(f)(x).dataSync()) expect(Number.isFinite(g)).toBe(true);
  });
});
