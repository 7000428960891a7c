import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import * as exact from '../../src/geometry/trigonometry.js';
import { asinK, atanK, cosK, secantSquared, sinK, tanK } from '../../src/manifolds/trigonometry.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';
import { CURVATURES, derivative, expectClose, GRADIENT } from './stereographicSupport.js';

beforeAll(async () => {
  await openEngine();
});

/** On tensors, and in float64. */
const FUNCTIONS = {
  sinK: [sinK, exact.sinK],
  cosK: [cosK, exact.cosK],
  tanK: [tanK, exact.tanK],
  atanK: [atanK, exact.atanK],
  asinK: [asinK, exact.asinK],
} as const;
type Name = keyof typeof FUNCTIONS;

/** √|K| t up to 0.9: inside the domain of every function here, on both sides of its series. */
const within = (K: number) =>
  [-0.9, -0.4, -0.17, -0.01, 0, 1e-4, 0.1, 0.18, 0.5, 0.9].map((s) =>
    Math.fround(s / Math.sqrt(Math.max(0.2, Math.abs(K)))),
  );

describe.each(Object.keys(FUNCTIONS) as Name[])('%s', (name) => {
  const [onTensors, inFloat64] = FUNCTIONS[name];

  it.each(CURVATURES)('has the values of float64 at K = %f', (K) => {
    const t = within(K);
    for (const learned of [false, true]) {
      const k = learned ? Math.fround(K) : K;
      const got = tf.tidy(() => onTensors(tf.tensor1d(t), learned ? tf.scalar(K) : K).dataSync());
      expectClose(
        got,
        t.map((value) => inFloat64(value, k)),
        FLOAT32,
      );
    }
  });

  it.each(CURVATURES)('has the derivatives of float64 in t and in K at K = %f', (K) => {
    for (const t of within(K)) {
      const got = tf.tidy(() =>
        tf
          .grads((...a) => tf.sum(onTensors(a[0], a[1] as tf.Scalar)))([tf.tensor1d([t]), tf.scalar(K)])
          .map((g) => g.dataSync()[0]),
      );
      const k = Math.fround(K);
      const expected = [derivative((s) => inFloat64(s, k), t), derivative((s) => inFloat64(t, s), k)];
      expected.forEach((value, i) => {
        expect(Math.abs(got[i] - value)).toBeLessThanOrEqual(GRADIENT * Math.max(1, Math.abs(value)));
      });
    }
  });

  it.each([-1, 0, 1])('can be differentiated twice at K = %f', (K) => {
    const t = tf.tensor1d([-0.6, -0.1, 0.05, 0.3, 0.7]);
    const slope = (x: tf.Tensor, k: tf.Tensor) => onTensors(x, k as tf.Scalar);
    const inT = (x: tf.Tensor) => tf.sum(tf.grad((s) => tf.sum(slope(s, tf.scalar(K))))(x)) as tf.Scalar;
    expect(gradientError(inT, t, 1e-2)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    const inK = (k: tf.Tensor) => tf.sum(tf.grad((s) => tf.sum(slope(t, s)))(k)) as tf.Scalar;
    expect(gradientError(inK, tf.scalar(K), 2e-2)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
  });

  it('keeps NaN as NaN and leaves no tensors behind', async () => {
    const t = tf.tensor1d([Number.NaN, 0.5]);
    const K = tf.scalar(-1);
    for (const k of [-1, 0, 1, K]) {
      const [bad, good] = tf.tidy(() => onTensors(t, k).dataSync());
      expect(bad).toBeNaN();
      expect(good).toBeCloseTo(inFloat64(0.5, typeof k === 'number' ? k : -1), 5);
    }
    const gradient = () => tf.grads((s, k) => tf.sum(onTensors(s, k as tf.Scalar)))([t, K]);
    expect(await leakedTensors(gradient)).toBe(0);
    tf.dispose([t, K]);
  });
});

describe('far out', () => {
  it.each([false, true])('tanK saturates at 1/√-K with slope 0, K learned: %s', (learned) => {
    const K = learned ? tf.scalar(-1) : -1;
    const t = tf.tensor1d([20, 1e4, 1e15]);
    const { value, grad } = tf.valueAndGrad((s) => tanK(s, K))(t, tf.ones([3]));
    expectClose(value.dataSync(), [1, 1, 1], FLOAT32);
    expectClose(grad.dataSync(), [0, 0, 0], FLOAT32);
  });

  it('asinK grows like a logarithm', () => {
    expect(asinK(tf.scalar(1e15), -1).dataSync()[0]).toBeCloseTo(Math.asinh(1e15), 4);
  });

  it.each([
    ['atanK', -1, 1.5],
    ['asinK', 1, 1.5],
  ] as const)('%s has no value at K = %f beyond its domain', (name, K, t) => {
    expect(FUNCTIONS[name][0](tf.scalar(t), K).dataSync()[0]).toBeNaN();
    expect(FUNCTIONS[name][0](tf.scalar(t), tf.scalar(K)).dataSync()[0]).toBeNaN();
  });

  it('the secant squared is the defect of what tanK leads to, without cancelling', () => {
    const w = tf.tensor1d([-100, -25, -1, 0, 0.5, 2]);
    const hyperbolic = [1 / Math.cosh(10) ** 2, 1 / Math.cosh(5) ** 2, 1 / Math.cosh(1) ** 2, 1];
    const expected = [...hyperbolic, 1 / Math.cos(Math.SQRT1_2) ** 2, 1 / Math.cos(Math.SQRT2) ** 2];
    const got = secantSquared(w).dataSync();
    expected.forEach((value, i) => {
      expect(Math.abs(got[i] / value - 1)).toBeLessThan(FLOAT32);
    });
  });
});
