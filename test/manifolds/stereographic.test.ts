import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import * as exact from '../../src/geometry/stereographic.js';
import { poincareBall } from '../../src/manifolds/poincare.js';
import * as model from '../../src/manifolds/stereographic.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';
import {
  CURVATURES,
  DIM,
  expectClose,
  expectGradients,
  expectValues,
  type Operation,
  points,
  ROWS,
} from './stereographicSupport.js';

beforeAll(async () => {
  await openEngine();
});

const lengthOf = (u: ArrayLike<number>) => Math.hypot(...Array.from(u));
const along = (u: ArrayLike<number>, t: number) => Array.from(u, (a) => a * t);
const dotOf = (u: ArrayLike<number>, v: ArrayLike<number>) =>
  Array.from(u).reduce((sum, a, i) => sum + a * v[i], 0);

const OPERATIONS: Readonly<Record<string, Operation>> = {
  conformalFactor: {
    tensor: (x, _, __, K) => model.conformalFactor(x, K),
    twin: (x, _, __, K) => [exact.conformalFactor(x, K)],
  },
  inner: {
    tensor: (x, y, u, K) => model.inner(x, y, u, K),
    twin: (x, y, u, K) => [exact.conformalFactor(x, K) ** 2 * dotOf(y, u)],
  },
  norm: {
    tensor: (x, _, u, K) => model.norm(x, u, K),
    twin: (x, _, u, K) => [exact.conformalFactor(x, K) * lengthOf(u)],
  },
  dist0: {
    tensor: (x, _, __, K) => model.dist0(x, K),
    twin: (x, _, __, K) => [exact.dist0(x, K)],
  },
  mobiusAdd: {
    tensor: (x, y, _, K) => model.mobiusAdd(x, y, K),
    twin: (x, y, _, K) => exact.mobiusAdd(x, y, K),
  },
  exp: { tensor: (x, _, u, K) => model.exp(x, u, K), twin: (x, _, u, K) => exact.exp(x, u, K) },
  exp0: { tensor: (_, __, u, K) => model.exp0(u, K), twin: (_, __, u, K) => exact.exp0(u, K) },
  log: { tensor: (x, y, _, K) => model.log(x, y, K), twin: (x, y, _, K) => exact.log(x, y, K) },
  log0: { tensor: (x, _, __, K) => model.log0(x, K), twin: (x, _, __, K) => exact.log0(x, K) },
  geodesic: {
    tensor: (x, y, _, K) => model.geodesic(0.3, x, y, K),
    twin: (x, y, _, K) => exact.exp(x, along(exact.log(x, y, K), 0.3), K),
  },
  geodesicUnit: {
    tensor: (x, _, u, K) => model.geodesicUnit(0.4, x, u, K),
    twin: (x, _, u, K) => exact.exp(x, along(u, 0.4 / (exact.conformalFactor(x, K) * lengthOf(u))), K),
  },
  transport: {
    tensor: (x, y, u, K) => model.transport(x, y, u, K),
    twin: (x, y, u, K) => exact.transport(x, y, u, K),
  },
  transport0: {
    tensor: (x, _, u, K) => model.transport0(x, u, K),
    twin: (x, _, u, K) => exact.transport0(x, u, K),
  },
  transport0Back: {
    tensor: (x, _, u, K) => model.transport0Back(x, u, K),
    twin: (x, _, u, K) => exact.transport0Back(x, u, K),
  },
  egrad2rgrad: {
    tensor: (x, _, u, K) => model.egrad2rgrad(x, u, K),
    twin: (x, _, u, K) => exact.egrad2rgrad(x, u, K),
  },
};

describe.each(Object.keys(OPERATIONS))('%s', (name) => {
  const operation = OPERATIONS[name];

  it.each(CURVATURES)('has the values of float64 at K = %f, given or learned', (K) => {
    expectValues(operation, K, false);
    expectValues(operation, K, true);
  });

  it.each(CURVATURES)('has the gradients of float64 at K = %f, to K too', (K) => {
    expectGradients(operation, K);
  });

  it('leaves no tensors behind, nor does its gradient', async () => {
    const args = [1, 2, 3].map((seed) => tf.tensor2d(points(ROWS, DIM, -1, seed), [ROWS, DIM]));
    const [x, y, u] = args;
    const K = tf.scalar(-1);
    expect(await leakedTensors(() => operation.tensor(x, y, u, K))).toBe(0);
    const gradient = () => tf.grad((k) => tf.sum(operation.tensor(x, y, u, k as tf.Scalar)))(K);
    expect(await leakedTensors(gradient)).toBe(0);
    tf.dispose([...args, K]);
  });
});

describe.each(['exp', 'log', 'mobiusAdd', 'transport', 'dist0'])('the second derivative of %s', (name) => {
  it.each([-1, 0, 1])('is that of its gradient at K = %f', (K) => {
    const [x, y, u] = [1, 2, 3].map((seed) => tf.tensor2d(points(ROWS, DIM, K, seed, 0.5), [ROWS, DIM]));
    // A gradient that is constant, or of constant length, has nothing to differentiate: small uneven terms do.
    const uneven = tf.reshape(tf.linspace(0.1, 2.4, ROWS * DIM), [ROWS, DIM]);
    const penalty = (at: tf.Tensor, k: tf.Tensor) => {
      const gradient = tf.grad((t) =>
        tf.sum(OPERATIONS[name].tensor(t as tf.Tensor2D, y, u, k as tf.Scalar)),
      );
      return tf.sum(tf.square(tf.add(gradient(at), tf.mul(at, uneven)))) as tf.Scalar;
    };
    expect(gradientError((t) => penalty(t, tf.scalar(K)), x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    expect(gradientError((k) => penalty(x, k), tf.scalar(K))).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([x, y, u]);
  });
});

it('a gradient penalty on the distance has the derivative of its values', () => {
  const ball = poincareBall(DIM, -1);
  const [x, y] = [1, 2].map((seed) => tf.tensor2d(points(ROWS, DIM, -1, seed, 0.5), [ROWS, DIM]));
  const penalty = (at: tf.Tensor) => {
    const gradient = tf.grad((t) => tf.sum(tf.square(ball.dist(t as tf.Tensor2D, y))))(at);
    return tf.sum(tf.square(gradient)) as tf.Scalar;
  };
  expect(gradientError(penalty, x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
  tf.dispose([x, y]);
});

describe.each([-1, 0, 1])('at zero vectors and equal points, K = %f', (K) => {
  const x = () => tf.tensor2d([0.3, -0.2, 0.1, 0, 0, 0], [2, 3]);
  const weights = () => tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
  const gradient = (f: (t: tf.Tensor2D) => tf.Tensor, at: tf.Tensor2D) =>
    tf.tidy(() =>
      tf
        .grad((t) => tf.sum(tf.mul(f(t as tf.Tensor2D), weights())))(at)
        .dataSync(),
    );

  it('exp and exp0 have the identity as derivative, log and log0 its inverse', () => {
    const zero = () => tf.zeros([2, 3]) as tf.Tensor2D;
    for (const k of [K, tf.scalar(K)]) {
      const w = Array.from(weights().dataSync());
      expectClose(
        gradient((v) => model.exp(x(), v, k), zero()),
        w,
        FLOAT32,
      );
      expectClose(
        gradient((v) => model.exp0(v, k), zero()),
        w,
        FLOAT32,
      );
      expectClose(
        gradient((v) => model.log0(v, k), zero()),
        w,
        FLOAT32,
      );
      expectClose(
        gradient((y) => model.log(x(), y, k), x()),
        w,
        FLOAT32,
      );
      expectClose(
        gradient((y) => model.log(y, x(), k), x()),
        along(w, -1),
        FLOAT32,
      );
    }
  });

  it('lengths and distances to the origin have gradient 0', () => {
    const zero = tf.zeros([2, 3]) as tf.Tensor2D;
    for (const f of [
      (v: tf.Tensor2D) => model.norm(x(), v, K),
      (v: tf.Tensor2D) => tf.reshape(model.dist0(v, K), [2, 1]),
    ])
      expectClose(gradient(f, zero), [0, 0, 0, 0, 0, 0], 0);
  });

  it('the values are exact', () => {
    const values = x().dataSync();
    expectClose(model.exp(x(), tf.zeros([2, 3]), K).dataSync(), values, 2 ** -23);
    expectClose(model.log(x(), x(), K).dataSync(), [0, 0, 0, 0, 0, 0], 0);
    expectClose(model.mobiusAdd(tf.neg(x()), x(), K).dataSync(), [0, 0, 0, 0, 0, 0], 0);
    expectClose(model.geodesicUnit(0.4, x(), tf.zeros([2, 3]), K).dataSync(), values, 2 ** -23);
  });
});

describe.each([-0.7, 0, 0.7])('laws at K = %f', (K) => {
  const space = { kind: 'stereographic', dim: DIM, curvature: K } as const;
  const manifold = model.stereographic(space);
  const scene = () => [1, 2, 3].map((seed) => tf.tensor2d(points(ROWS, DIM, K, seed, 0.7), [ROWS, DIM]));

  it('exp undoes log, from the origin too', () => {
    const [x, y] = scene();
    expectClose(manifold.exp(x, manifold.log(x, y)).dataSync(), y.dataSync(), FLOAT32);
    expectClose(manifold.exp0(manifold.log0(y)).dataSync(), y.dataSync(), FLOAT32);
    expectClose(manifold.log0(manifold.exp0(y)).dataSync(), y.dataSync(), FLOAT32);
  });

  it('the distance is the length of the logarithm', () => {
    const [x, y] = scene();
    const v = manifold.log(x, y);
    expectClose(tf.sqrt(manifold.inner(x, v, v)).dataSync(), manifold.dist(x, y).dataSync(), FLOAT32);
    const origin = tf.zeros([ROWS, DIM]) as tf.Tensor2D;
    expectClose(model.dist0(x, K).dataSync(), manifold.dist(origin, x).dataSync(), FLOAT32);
  });

  it('transport is an isometry that turns the way to y into the way on', () => {
    const [x, y, u] = scene();
    const moved = manifold.transport(x, y, u);
    expectClose(manifold.inner(y, moved, moved).dataSync(), manifold.inner(x, u, u).dataSync(), FLOAT32);
    const on = manifold.transport(x, y, manifold.log(x, y));
    expectClose(on.dataSync(), tf.neg(manifold.log(y, x)).dataSync(), FLOAT32);
    expectClose(model.transport0Back(y, model.transport0(y, u, K), K).dataSync(), u.dataSync(), FLOAT32);
  });

  it('the frame at the origin is orthonormal', () => {
    const e = manifold.frame(tf.tensor2d([1, 0, 0, 0], [1, DIM]));
    expect(manifold.inner(manifold.origin(), e, e).dataSync()[0]).toBe(1);
  });

  it('a geodesic takes one share a row', () => {
    const [x, y] = scene();
    const t = tf.tensor2d([0, 1, 0, 1, 0, 1], [ROWS, 1]);
    const expected = tf.add(tf.mul(x, tf.sub(1, t)), tf.mul(y, t));
    expectClose(model.geodesic(t, x, y, K).dataSync(), expected.dataSync(), FLOAT32);
  });
});
