import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { defect } from '../../../src/manifolds/distance/defect.js';
import { leakedTensors } from '../../laws/gradient.js';
import { FLOAT32 } from '../../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

/** The rounding of the small part of a sum over 128 columns, about 1e-9, seen from a defect of 1e-6 and above. */
const AT_THE_RIM = 1e-3;

function row(dim: number, K: number, rest: number, seed: number): Float32Array {
  const rng = new Rng(seed);
  const v = Array.from({ length: dim }, () => rng.normal());
  const norm = Math.hypot(...v);
  return Float32Array.from(v, (a) => (a / norm) * Math.sqrt((1 - rest) / Math.abs(K)));
}

const exact = (x: Float32Array, K: number) => 1 + K * x.reduce((sum, a) => sum + a * a, 0);

describe('defect', () => {
  it.each([-1, -0.37, -2.3, -50])('is 1 + K|x|² down to 1e-6 of the rim, K = %f', (K) => {
    for (const dim of [2, 128]) {
      for (const rest of [0.9, 1e-2, 1e-4, 3e-6]) {
        const x = row(dim, K, rest, 3);
        for (const curvature of [K, tf.scalar(K)]) {
          const got = tf.tidy(() => defect(tf.tensor2d(x, [1, dim]), curvature).dataSync()[0]);
          const expected = exact(x, typeof curvature === 'number' ? K : Math.fround(K));
          expect(Math.abs(got - expected)).toBeLessThan(AT_THE_RIM * expected);
          tf.dispose(curvature);
        }
      }
    }
  });

  it.each([0, 1e-20, 0.8, 3])('is 1 + K|x|² at curvature %f and any length', (K) => {
    for (const scale of [0, 1e-10, 1, 100]) {
      const x = row(7, 1, 0, 4).map((a) => a * scale);
      const got = tf.tidy(() => defect(tf.tensor2d(x, [1, 7]), K).dataSync()[0]);
      expect(Math.abs(got / exact(x, K) - 1)).toBeLessThan(FLOAT32);
    }
  });

  it('has the gradients 2Kx and |x|², and those of them', () => {
    const values = [0.1, -0.4, 0.5, 0.3, 0.2, -0.1];
    const x = tf.tensor2d(values, [2, 3]);
    const K = tf.scalar(-0.5);
    const sum = (p: tf.Tensor, k: tf.Tensor | number) =>
      tf.sum(defect(p as tf.Tensor2D, k as tf.Scalar)) as tf.Scalar;
    const [toX, toK] = tf.grads(sum)([x, K]);
    expect(Array.from(toX.dataSync(), (g, i) => Math.abs(g + values[i]) < FLOAT32)).not.toContain(false);
    expect(toK.dataSync()[0]).toBeCloseTo(
      values.reduce((s, a) => s + a * a, 0),
      5,
    );
    for (const k of [-0.5, K]) {
      const second = tf.tidy(() =>
        tf
          .grad((t) => tf.sum(tf.grad((p) => sum(p, k))(t)))(x)
          .dataSync(),
      );
      for (const g of second) expect(g).toBeCloseTo(-1, 5);
    }
    const mixed = tf.tidy(
      () =>
        tf
          .grad((k) => tf.sum(tf.grad((p) => sum(p, k))(x)))(K)
          .dataSync()[0],
    );
    expect(mixed).toBeCloseTo(2 * values.reduce((s, a) => s + a, 0), 5);
    tf.dispose([x, K, toX, toK]);
  });

  it('leaves no tensors behind', async () => {
    const x = tf.tensor2d([0.1, 0.2], [1, 2]);
    expect(await leakedTensors(() => defect(x, -1))).toBe(0);
    x.dispose();
  });

  it('passes NaN on', () => {
    expect(tf.tidy(() => defect(tf.tensor2d([Number.NaN, 0], [1, 2]), -1).dataSync()[0])).toBeNaN();
  });
});
