import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { distance } from '../../src/geometry/distance.js';
import { poincareBall } from '../../src/manifolds/poincare.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

function ballPoints(n: number, dim: number, c: number, reach: number, seed: number): Float32Array {
  const rng = new Rng(seed);
  const points = new Float32Array(n * dim);
  for (let i = 0; i < n; i++) {
    const direction = Array.from({ length: dim }, () => rng.normal());
    const norm = Math.hypot(...direction);
    const radius = (rng.uniform(0.05, reach) / Math.sqrt(c)) as number;
    for (let j = 0; j < dim; j++) points[i * dim + j] = (direction[j] / norm) * radius;
  }
  return points;
}

describe.each([0.1, 1, 2.3])('Poincaré ball on tensors, c = %f', (c) => {
  const ball = poincareBall(5, -c);

  it('agrees with the float64 distance', () => {
    const [x, y] = [ballPoints(6, 5, c, 0.9, 1), ballPoints(4, 5, c, 0.9, 2)];
    const d = tf.tidy(() => ball.pairwise(tf.tensor2d(x, [6, 5]), tf.tensor2d(y, [4, 5])).dataSync());
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 4; j++) {
        const exact = distance(ball.space, x.subarray(i * 5, i * 5 + 5), y.subarray(j * 5, j * 5 + 5));
        expect(Math.abs(d[i * 4 + j] - exact)).toBeLessThan(FLOAT32 * Math.max(1, exact));
      }
    }
  });

  it('has the closed-form gradient in both arguments', () => {
    const x = tf.tensor2d(ballPoints(4, 5, c, 0.7, 3), [4, 5]);
    const y = tf.tensor2d(ballPoints(3, 5, c, 0.7, 4), [3, 5]);
    const weights = tf.reshape(tf.range(1, 13), [4, 3]);
    const step = 1e-3 / Math.sqrt(c);
    const sum = (d: tf.Tensor) => tf.sum(tf.mul(d, weights)) as tf.Scalar;
    expect(gradientError((t) => sum(ball.pairwise(t as tf.Tensor2D, y)), x, step)).toBeLessThan(
      GRADIENT_BY_DIFFERENCES,
    );
    expect(gradientError((t) => sum(ball.pairwise(x, t as tf.Tensor2D)), y, step)).toBeLessThan(
      GRADIENT_BY_DIFFERENCES,
    );
    tf.dispose([x, y, weights]);
  });

  it('is 0 with gradient 0 between coincident points', () => {
    const x = tf.tensor2d(ballPoints(2, 5, c, 0.5, 5), [2, 5]);
    const { value, grad } = tf.valueAndGrad((t) => tf.sum(ball.pairwise(t as tf.Tensor2D, x)))(x);
    // The two points also see each other; each alone must see only that.
    expect(Array.from(grad.dataSync()).every(Number.isFinite)).toBe(true);
    const alone = tf.tidy(() => {
      const one = tf.slice(x, [0, 0], [1, 5]);
      return tf
        .grad((t) => tf.sum(ball.pairwise(t as tf.Tensor2D, one)))(one)
        .dataSync();
    });
    for (const g of alone) expect(Math.abs(g)).toBeLessThan(0.5);
    expect(value.dataSync()[0]).toBeGreaterThan(0);
    tf.dispose([x, value, grad]);
  });

  it('log0 undoes exp0, at the origin too', () => {
    const v = tf.tensor2d([0, 0, 0, 0, 0, 0.3, -0.1, 0.2, 0, 0.1, 1, 1, 0, 0, 0], [3, 5]);
    const back = tf.tidy(() => ball.log0(ball.exp0(v)).dataSync());
    const values = v.dataSync();
    for (let i = 0; i < values.length; i++) expect(back[i]).toBeCloseTo(values[i], 5);
    v.dispose();
  });

  it('exp0 has a finite gradient at the origin', () => {
    const v = tf.zeros([2, 5]);
    const gradient = tf.tidy(() =>
      tf
        .grad((t) => tf.sum(ball.exp0(t as tf.Tensor2D)))(v)
        .dataSync(),
    );
    for (const g of gradient) expect(g).toBeCloseTo(1, 5);
    v.dispose();
  });

  it('leaves no tensors behind', async () => {
    const x = tf.tensor2d(ballPoints(4, 5, c, 0.7, 6), [4, 5]);
    expect(
      await leakedTensors(() => tf.tidy(() => tf.grad((t) => tf.sum(ball.pairwise(t as tf.Tensor2D, x)))(x))),
    ).toBe(0);
    x.dispose();
  });
});

describe('poincareBall', () => {
  it('refuses curvature 0 and above, and NaN', () => {
    for (const curvature of [0, 1, Number.NaN])
      expect(() => poincareBall(2, curvature)).toThrow(/expected a finite number > 0/);
  });
});
