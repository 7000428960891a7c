import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import * as exact from '../../src/geometry/stereographic.js';
import { antipode as exactAntipode } from '../../src/geometry/stereographicGyrovector.js';
import { poincareBall } from '../../src/manifolds/poincare.js';
import * as model from '../../src/manifolds/stereographic.js';
import { FLOAT32 } from '../laws/tolerance.js';
import { DIM, expectClose, points, ROWS, rowsOf } from './stereographicSupport.js';

beforeAll(async () => {
  await openEngine();
});

const lengthOf = (u: ArrayLike<number>) => Math.hypot(...Array.from(u));
const along = (u: ArrayLike<number>, t: number) => Array.from(u, (a) => a * t);
/** Coordinates of norm 1/√-K are stored to half a unit in the last place; the maps add a few dozen roundings. */
const ROUNDINGS = 50 * 2 ** -24;

describe.each([1e-3, 1e-4, 1e-5])('within a share %f of the rim', (gap) => {
  const K = -2;
  const near = (seed: number) =>
    Float32Array.from(
      rowsOf(points(40, DIM, K, seed), DIM).flatMap((row) =>
        along(row, (1 - 1.5 * gap) / (lengthOf(row) * Math.SQRT2)),
      ),
    );
  const [xs, ys] = [near(1), near(2)].map((data) => rowsOf(data, DIM));
  const tensors = () => [near(1), near(2)].map((data) => tf.tensor2d(data, [40, DIM]));

  it('log and log0 keep all digits of float32', () => {
    const [x, y] = tensors();
    const toward = rowsOf(model.log(x, y, K).dataSync() as Float32Array, DIM);
    const outward = rowsOf(model.log0(x, K).dataSync() as Float32Array, DIM);
    for (let i = 0; i < 40; i++) {
      for (const [got, expected] of [
        [toward[i], exact.log(xs[i], ys[i], K)],
        [outward[i], exact.log0(xs[i], K)],
      ]) {
        const off = lengthOf(got.map((value, j) => value - expected[j]));
        expect(off / lengthOf(expected)).toBeLessThan(FLOAT32);
      }
    }
  });

  it('exp and mobiusAdd are off by the rounding of coordinates, in the metric there', () => {
    const [x] = tensors();
    // 3 units in the direction of other points: inward, outward and across.
    const moves = ys.map((y, i) =>
      Float32Array.from(along(y, 3 / (exact.conformalFactor(xs[i], K) * lengthOf(y)))),
    );
    const u = tf.tensor2d(
      moves.flatMap((row) => Array.from(row)),
      [40, DIM],
    );
    const steps = ys.map((y) => Float32Array.from(along(y, 0.8)));
    const step = tf.tensor2d(
      steps.flatMap((row) => Array.from(row)),
      [40, DIM],
    );
    const moved = rowsOf(model.exp(x, u, K).dataSync() as Float32Array, DIM);
    const added = rowsOf(model.mobiusAdd(x, step, K).dataSync() as Float32Array, DIM);
    for (let i = 0; i < 40; i++) {
      for (const [got, expected] of [
        [moved[i], exact.exp(xs[i], moves[i], K)],
        [added[i], exact.mobiusAdd(xs[i], steps[i], K)],
      ]) {
        const growth = Math.max(...[xs[i], expected].map((p) => exact.conformalFactor(p, K)));
        // Where the exact point is beyond the last float32 of the ball there is no right answer.
        if (growth < 1e5) expect(exact.dist(got, expected, K)).toBeLessThan(ROUNDINGS * growth);
      }
    }
  });
});

describe('exp0 of vectors of any length', () => {
  it.each([false, true])('ends on the rim with a finite gradient, K learned: %s', (learned) => {
    const K = learned ? tf.scalar(-1) : -1;
    const v = tf.tensor2d([10, 0, 1e3, 1e3, 1e15, -1e15], [3, 2]);
    const { value, grad } = tf.valueAndGrad((t) => tf.sum(model.exp0(t as tf.Tensor2D, K), 1))(
      v,
      tf.ones([3]),
    );
    expectClose(value.dataSync(), [1, Math.SQRT2, 0], FLOAT32);
    for (const g of grad.dataSync()) expect(Number.isFinite(g)).toBe(true);
  });
});

describe('project', () => {
  const x = () => tf.tensor2d([0.3, 0.4, 0.6, 0.8, 30, -40], [3, 2]);

  it('keeps points of the ball to the bit and brings others to the margin', () => {
    for (const K of [-1, tf.scalar(-1)]) {
      const got = model.project(x(), K, 0.01).dataSync();
      expect(Array.from(got.subarray(0, 2))).toEqual(Array.from(Float32Array.of(0.3, 0.4)));
      expectClose(got.subarray(2), [0.6 * 0.99, 0.8 * 0.99, 0.6 * 0.99, -0.8 * 0.99], FLOAT32);
    }
  });

  it('has the derivative of its values: the identity inside, turning only outside', () => {
    const gradient = tf.grad((t) => tf.sum(tf.mul(model.project(t as tf.Tensor2D, -1), [1, 2])))(x());
    // By hand outside: (w - (w·n) n) (1 - margin) / |x|, n = x / |x|, w = (1, 2).
    const outside = (n: number[], length: number) =>
      n.map((a, j) => ((j + 1 - (n[0] + 2 * n[1]) * a) * (1 - model.BALL_MARGIN)) / length);
    expectClose(gradient.dataSync(), [1, 2, ...outside([0.6, 0.8], 1), ...outside([0.6, -0.8], 50)], FLOAT32);
  });

  it('leaves flat and positively curved spaces as they are, and passes a gradient to a learned K', () => {
    for (const K of [0, 1, tf.scalar(0), tf.scalar(1)])
      expect(Array.from(model.project(x(), K).dataSync())).toEqual(Array.from(x().dataSync()));
    const gradient = tf.grad((K) => tf.sum(model.project(x(), K as tf.Scalar, 0.01)))(tf.scalar(-4));
    // Row by row: sum of x, |x| and 0.99 d(1/√-K)/dK = 0.99 / (2 · 8); the first row is inside, 0.5 = 1/√4, and is moved too.
    expect(gradient.dataSync()[0]).toBeCloseTo((0.99 / 16) * (1.4 + 1.4 - 0.2), 5);
  });

  it('is where retract ends', () => {
    const got = model.retract(tf.tensor2d([[0.3, 0.4]]), tf.tensor2d([[0.6, 0.8]]), -1).dataSync();
    expectClose(got, [0.6 * (1 - model.BALL_MARGIN), 0.8 * (1 - model.BALL_MARGIN)], FLOAT32);
  });

  it('refuses a margin that is no share', () => {
    for (const margin of [0, 1, -1, Number.NaN])
      expect(() => model.project(x(), -1, margin)).toThrow(DomainError);
  });
});

describe('antipode', () => {
  it('is the farthest point of the sphere, π/√K away', () => {
    const x = points(ROWS, DIM, 2, 1);
    const got = rowsOf(model.antipode(tf.tensor2d(x, [ROWS, DIM]), 2).dataSync() as Float32Array, DIM);
    rowsOf(x, DIM).forEach((row, i) => {
      expectClose(got[i], exactAntipode(row, 2), FLOAT32);
    });
  });

  it('exists only for K > 0', () => {
    expect(() => model.antipode(tf.zeros([1, 2]), -1)).toThrow(DomainError);
  });
});

describe('wrong input', () => {
  it('a row of NaN or outside the ball gives NaN in that row alone', () => {
    const x = tf.tensor2d([Number.NaN, 0, 0.1, 0.2], [2, 2]);
    const y = tf.tensor2d([0.3, 0.1, 0.1, -0.2], [2, 2]);
    for (const K of [-1, 0, 1, tf.scalar(-1)]) {
      for (const f of [model.mobiusAdd, model.exp, model.log, model.transport0, model.egrad2rgrad]) {
        const got = f(x, y, K).dataSync();
        expect(got[0]).toBeNaN();
        expect(Number.isFinite(got[2]) && Number.isFinite(got[3])).toBe(true);
      }
    }
    expect(model.log0(tf.tensor2d([[1.1, 0]]), -1).dataSync()[0]).toBeNaN();
  });

  it('shapes that do not fit, and curvatures of no use, are named', () => {
    const x = tf.zeros([2, 3]) as tf.Tensor2D;
    expect(() => model.exp(x, tf.zeros([3, 3]), -1)).toThrow(ShapeError);
    expect(() => model.log(x, tf.zeros([2, 2]), -1)).toThrow(/exp|log.*rows/);
    expect(() => model.stereographic({ kind: 'stereographic', dim: 3, curvature: Number.NaN })).toThrow(
      DomainError,
    );
    expect(() => model.stereographic({ kind: 'poincare', dim: 3, curvature: -1 }, 0)).toThrow(DomainError);
    const vector = tf.tensor1d([-1]) as unknown as tf.Scalar;
    expect(() => model.stereographic({ kind: 'stereographic', dim: 3, curvature: -1 }, vector)).toThrow(
      ShapeError,
    );
    expect(() => poincareBall(2, -1).exp0(x)).toThrow(ShapeError);
  });
});
