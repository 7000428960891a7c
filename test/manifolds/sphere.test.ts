import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { sphere } from '../../src/manifolds/sphere.js';
import { gradientError } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';
import { expectRows, normalRows } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const K = 4;
const space = { kind: 'sphere', dim: 3, curvature: K } as const;
const manifold = sphere(space);
const point = (...values: number[]) => tf.tensor2d([values]);

describe('the sphere of radius 1/2 on tensors', () => {
  it('has its quarter circles a quarter of π long', () => {
    tf.tidy(() => {
      const pole = manifold.origin();
      const quarter = point(Math.PI / 4, 0, 0);
      expectRows(pole, [[0, 0, 0.5]]);
      expectRows(manifold.exp(pole, quarter), [[0.5, 0, 0]]);
      expectRows(manifold.exp0(quarter), [[0.5, 0, 0]]);
      expectRows(manifold.log(pole, point(0.5, 0, 0)), [[Math.PI / 4, 0, 0]]);
      expectRows(manifold.log0(point(0, -0.5, 0)), [[0, -Math.PI / 4, 0]]);
      expectRows(manifold.transport(pole, point(0.5, 0, 0), point(2, 3, 0)), [[0, 3, -2]]);
      expectRows(manifold.frame(tf.tensor2d([[2, 3]])), [[2, 3, 0]]);
    });
  });

  it('has no logarithm and no transport between antipodes, and no point nearest to the centre', () => {
    tf.tidy(() => {
      const x = point(0.3, 0, 0.4);
      const antipode = tf.mul(x, -1) as tf.Tensor2D;
      for (const undefinedRow of [
        manifold.log(x, antipode),
        manifold.transport(x, antipode, point(0, 1, 0)),
        manifold.project(tf.zeros([1, 3])),
      ]) {
        expect(Array.from(undefinedRow.dataSync()).every((value) => !Number.isFinite(value))).toBe(true);
      }
    });
  });

  it('keeps its radius along 200 steps, to the last digit of float32', () => {
    const steps = normalRows(200, 8 * 3, 0.3, 1);
    const x = tf.tidy(() => {
      let at = manifold.exp0(manifold.projectTangent(tile(manifold.origin(), 8), rows(steps, 0)));
      for (let i = 1; i < 200; i++) {
        const next = manifold.exp(at, manifold.projectTangent(at, rows(steps, i)));
        at.dispose();
        at = next;
      }
      return at;
    });
    for (const row of x.arraySync()) expect(Math.abs(Math.hypot(...row) - 0.5)).toBeLessThan(2 ** -24);
    tf.dispose([x, steps]);
  });

  it('has the logarithm y - x with its gradient next to x, and the length 0 there', () => {
    const x = point(0.3, 0, 0.4);
    expectRows(manifold.log(x, x), [[0, 0, 0]]);
    const weights = [[1, 2, 3]];
    const same = tf.clone(x);
    const gradient = tf.grad((y) => tf.sum(tf.mul(manifold.log(x, y as tf.Tensor2D), weights)))(same);
    // The derivative of log_x at x is the identity on tangent vectors.
    expectRows(
      manifold.projectTangent(x, gradient as tf.Tensor2D),
      manifold.projectTangent(x, tf.tensor2d(weights)),
    );
    tf.dispose([x, same, gradient]);
  });

  it('has the gradients of its maps in all arguments, the curvature too', () => {
    const rng = new Rng(3);
    const v = tf.tensor2d(Array.from({ length: 5 }, () => [rng.normal(), rng.normal(), 0]));
    const weights = normalRows(5, 3, 1, 4);
    const through = (curvature: tf.Scalar | number) => (from: tf.Tensor) => {
      const m = sphere(space, curvature);
      const x = m.exp0(tf.mul(from, 0.2));
      const y = m.exp0(tf.mul(tf.reverse(from, 0), 0.3));
      const moved = m.transport(x, y, m.log(x, y));
      return tf.sum(tf.mul(tf.add(m.exp(y, tf.mul(moved, 0.3)), moved), weights)) as tf.Scalar;
    };
    expect(gradientError(through(K), v, 3e-3)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    const inCurvature = (k: tf.Tensor) => through(k as tf.Scalar)(v);
    expect(gradientError(inCurvature, tf.scalar(K), 3e-2)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([v, weights]);
  });

  it('gives NaN for NaN', () => {
    tf.tidy(() => {
      const [bad, x] = [point(Number.NaN, 0, 0.5), point(0, 0, 0.5)];
      for (const result of [
        manifold.exp(x, bad),
        manifold.log(x, bad),
        manifold.exp0(bad),
        manifold.project(bad),
      ])
        expect(Number.isNaN(result.dataSync()[0])).toBe(true);
    });
  });

  it('takes tangent parts to float32', () => {
    tf.tidy(() => {
      const x = manifold.project(normalRows(50, 3, 1, 5));
      const tangent = manifold.egrad2rgrad(x, normalRows(50, 3, 1, 6));
      for (const product of tf.sum(tf.mul(x, tangent), 1).dataSync())
        expect(Math.abs(product)).toBeLessThan(FLOAT32);
    });
  });
});

function rows(all: tf.Tensor2D, i: number): tf.Tensor2D {
  return tf.reshape(tf.slice(all, [i, 0], [1, -1]), [8, 3]);
}

function tile(row: tf.Tensor2D, n: number): tf.Tensor2D {
  return tf.tile(row, [n, 1]);
}
