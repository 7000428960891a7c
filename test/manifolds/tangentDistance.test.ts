import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { tangentDistances } from '../../src/manifolds/tangentDistance.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

/** float64, from the hyperbolic law of haversines; u and v as float32 rounded them. */
function exact(u: ArrayLike<number>, v: ArrayLike<number>): number {
  const norm = (x: ArrayLike<number>) => Math.hypot(...Array.from(x));
  const [a, b] = [norm(u), norm(v)];
  let chord = 0;
  for (let k = 0; k < u.length; k++) chord += (u[k] / (a || 1) - v[k] / (b || 1)) ** 2;
  return 2 * Math.asinh(Math.sqrt(Math.sinh((a - b) / 2) ** 2 + (Math.sinh(a) * Math.sinh(b) * chord) / 4));
}

function compare(rows: readonly (readonly number[])[]): { got: Float32Array; want: number[] } {
  const u = tf.tensor2d(rows as number[][]);
  const data = u.dataSync();
  const d = rows[0].length;
  const row = (i: number) => data.subarray(i * d, (i + 1) * d);
  const got = tf.tidy(() => tangentDistances(u, u).dataSync()) as Float32Array;
  const want = rows.flatMap((_, i) => rows.map((_, j) => exact(row(i), row(j))));
  u.dispose();
  return { got, want };
}

/**
 * Directions are rounded to float32, 6e-8 of a radian; at radii a, b that is sinh((a + b)/2) times as much at most, and
 * lengths of a + b lose 6e-8 of themselves. Two roundings of each side add up to four times that.
 */
const allowed = (a: number, b: number) => 2.4e-7 * (Math.sinh((a + b) / 2) + a + b) + 1e-6;

describe('tangentDistances', () => {
  it('is the length of a vector from the origin, and the sum of two on opposite rays', () => {
    const { got } = compare([
      [0, 0],
      [3, 4],
      [-1.5, -2],
    ]);
    expect(got[1]).toBeCloseTo(5, 5);
    expect(got[5]).toBeCloseTo(7.5, 5);
  });

  it('is arcosh(cosh a cosh b) at a right angle', () => {
    const { got } = compare([
      [2, 0],
      [0, 1.5],
    ]);
    expect(Math.abs(got[1] - Math.acosh(Math.cosh(2) * Math.cosh(1.5)))).toBeLessThan(4 * FLOAT32);
  });

  it('agrees with float64 as far as float32 directions reach, up to radius 18, far and near', () => {
    const rng = new Rng(3);
    for (const dim of [1, 2, 3, 8]) {
      const rows: number[][] = [];
      for (const radius of [1e-8, 1e-3, 0.4, 3, 7, 12, 18]) {
        const direction = Array.from({ length: dim }, () => rng.normal());
        const length = Math.hypot(...direction);
        const base = direction.map((x) => (x / length) * radius);
        rows.push(
          base,
          base.map((x) => x * (1 + 1e-3)),
        );
        rows.push(base.map((x) => x + 1e-4 * radius * rng.normal()));
      }
      const { got, want } = compare(rows);
      const radii = rows.map((x) => Math.hypot(...x));
      got.forEach((value, k) => {
        const [a, b] = [radii[Math.floor(k / rows.length)], radii[k % rows.length]];
        expect(Math.abs(value - want[k])).toBeLessThan(
          Math.min(allowed(a, b), FLOAT32 * want[k] + 2 * Math.asinh(allowed(a, b))),
        );
      });
    }
  });

  it('is 0 between a row and itself, and the same both ways', () => {
    const { got } = compare([
      [9, 4],
      [0.2, -0.3],
      [-13, 2],
    ]);
    expect([got[0], got[4], got[8]]).toEqual([0, 0, 0]);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ])
      expect(got[3 * i + j]).toBe(got[3 * j + i]);
  });

  it('has the gradient of its values on both sides', () => {
    const v = tf.tensor2d([
      [0.8, 0.1, -0.4],
      [-1.2, 2, 0.3],
    ]);
    const u = tf.tensor2d([
      [0.3, -0.5, 0.9],
      [2.1, 1.2, -0.7],
      [-0.2, 0.4, 0.1],
    ]);
    const weights = tf.tensor2d([1, 2, -1.5, 0.5, 3, -0.7], [3, 2]);
    const weighted = (d: tf.Tensor2D) => tf.sum(tf.mul(d, weights)) as tf.Scalar;
    expect(gradientError((x) => weighted(tangentDistances(x as tf.Tensor2D, v)), u)).toBeLessThan(
      GRADIENT_BY_DIFFERENCES,
    );
    expect(gradientError((x) => weighted(tangentDistances(u, x as tf.Tensor2D)), v)).toBeLessThan(
      GRADIENT_BY_DIFFERENCES,
    );
    tf.dispose([u, v, weights]);
  });

  it('pulls far points with finite gradients, coincident ones and the origin too', () => {
    const u = tf.tensor2d([
      [12, 5],
      [12, 5],
      [12, 5.001],
      [0, 0],
      [1e-20, 0],
    ]);
    const gradient = tf.tidy(() =>
      tf
        .grad((x) => tf.sum(tangentDistances(x as tf.Tensor2D, x as tf.Tensor2D)))(u)
        .dataSync(),
    );
    expect([...gradient].every(Number.isFinite)).toBe(true);
    u.dispose();
  });

  it('gives the origin a gradient of length 1 towards a single other point', () => {
    const [origin, other] = [tf.tensor2d([[0, 0]]), tf.tensor2d([[3, 4]])];
    const gradient = tf.tidy(() =>
      tf
        .grad((x) => tf.sum(tangentDistances(x as tf.Tensor2D, other)))(origin)
        .dataSync(),
    );
    expect(gradient[0]).toBeCloseTo(-0.6, 5);
    expect(gradient[1]).toBeCloseTo(-0.8, 5);
    tf.dispose([origin, other]);
  });

  it('keeps NaN in the rows that have it', () => {
    const [u, v] = [
      tf.tensor2d([
        [Number.NaN, 1],
        [1, 2],
      ]),
      tf.tensor2d([[1, 1]]),
    ];
    const d = tf.tidy(() => tangentDistances(u, v).dataSync());
    expect(d[0]).toBeNaN();
    expect(d[1]).toBeGreaterThan(0);
    tf.dispose([u, v]);
  });

  it('refuses vectors of different dims, and leaves no tensors behind', async () => {
    const [u, v] = [tf.ones([2, 3]) as tf.Tensor2D, tf.ones([2, 2]) as tf.Tensor2D];
    expect(() => tangentDistances(u, v)).toThrow('tangentDistances v: expected 3 columns, got 2');
    expect(await leakedTensors(() => tangentDistances(u, u))).toBe(0);
    expect(await leakedTensors(() => tf.grad((x) => tf.sum(tangentDistances(x as tf.Tensor2D, u)))(u))).toBe(
      0,
    );
    tf.dispose([u, v]);
  });
});
