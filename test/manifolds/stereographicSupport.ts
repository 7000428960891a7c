import { expect } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import * as tf from '../../src/engine/tf.js';
import type { Curvature } from '../../src/manifolds/manifold.js';
import { FLOAT32 } from '../laws/tolerance.js';

/** design.md, losses on tensors: a float32 gradient against one in float64, relative to its largest entry. */
export const GRADIENT = 1e-4;

/** All signs, and both sides of 0 closely. */
export const CURVATURES = [-3, -1, -0.3, -1e-6, 0, 1e-6, 0.3, 1, 3] as const;

export const ROWS = 6;
export const DIM = 4;

type Row = ArrayLike<number>;
/** x, y points, u a tangent vector or a third vector. */
export interface Operation {
  readonly tensor: (x: tf.Tensor2D, y: tf.Tensor2D, u: tf.Tensor2D, K: Curvature) => tf.Tensor;
  readonly twin: (x: Row, y: Row, u: Row, K: number) => Row;
}

/** n float32 rows of norm up to `reach` / √max(|K|, 0.3), inside the ball of curvature K for reach < 1. */
export function points(n: number, dim: number, K: number, seed: number, reach = 0.9): Float32Array {
  const rng = new Rng(seed);
  const radius = reach / Math.sqrt(Math.max(Math.abs(K), 0.3));
  const rows = Array.from({ length: n }, () => {
    const v = Array.from({ length: dim }, () => rng.normal());
    const scale = rng.uniform(0.05, radius) / Math.hypot(...v);
    return v.map((a) => a * scale);
  });
  return Float32Array.from(rows.flat());
}

export const rowsOf = (data: Float32Array, dim: number) =>
  Array.from({ length: data.length / dim }, (_, i) =>
    Float64Array.from(data.subarray(i * dim, (i + 1) * dim)),
  );

/** The three arguments of an operation at curvature K. */
const inputs = (K: number) => [1, 2, 3].map((seed) => points(ROWS, DIM, K, seed));

export function expectValues({ tensor, twin }: Operation, K: number, learned: boolean): void {
  const data = inputs(K);
  const got = tf.tidy(() => {
    const [x, y, u] = data.map((values) => tf.tensor2d(values, [ROWS, DIM]));
    return tensor(x, y, u, learned ? tf.scalar(K) : K).dataSync();
  });
  const [xs, ys, us] = data.map((values) => rowsOf(values, DIM));
  const expected = xs.flatMap((x, i) => Array.from(twin(x, ys[i], us[i], learned ? Math.fround(K) : K)));
  expectClose(got, expected, FLOAT32);
}

/** Every value to `tolerance`, relative to max(1, |expected|). */
export function expectClose(got: Row, expected: Row, tolerance: number): void {
  expect(got.length).toBe(expected.length);
  const off = Array.from(expected, (value, i) => Math.abs(got[i] - value) / Math.max(1, Math.abs(value)));
  for (const value of off) expect(value).toBeLessThanOrEqual(tolerance);
}

/** The gradient of Σ_k cos(k) f_k to all three arguments and to K, against differences of the float64 twin. */
export function expectGradients({ tensor, twin }: Operation, K: number): void {
  const data = inputs(K);
  const got = tf.tidy(() => {
    const loss = (...args: tf.Tensor[]) => {
      const y = tensor(...(args as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Scalar]));
      // An argument that the operation does not use has no gradient on the tape: 0 times it.
      const unused = tf.addN(args.slice(0, 3).map((a) => tf.mul(tf.sum(a), 0)));
      return tf.add(tf.sum(tf.mul(y, tf.reshape(tf.cos(tf.range(0, y.size)), y.shape))), unused) as tf.Scalar;
    };
    const args = [...data.map((values) => tf.tensor2d(values, [ROWS, DIM])), tf.scalar(K)];
    return tf
      .grads(loss)(args)
      .map((g) => Array.from(g.dataSync()));
  });
  const loss = (args: Float64Array[][], k: number) => {
    const all = args[0].flatMap((x, i) => Array.from(twin(x, args[1][i], args[2][i], k)));
    return all.reduce((total, value, i) => total + value * Math.cos(i), 0);
  };
  const args = data.map((values) => rowsOf(values, DIM));
  for (let which = 0; which < 3; which++) {
    const expected = args[which].flatMap((row) =>
      Array.from(row, (value, j) => {
        const at = (t: number) => {
          row[j] = t;
          return loss(args, Math.fround(K));
        };
        const slope = derivative(at, value);
        row[j] = value;
        return slope;
      }),
    );
    expectGradient(got[which], expected);
  }
  expectGradient(got[3], [derivative((k) => loss(args, k), Math.fround(K))]);
}

export function expectGradient(got: Row, expected: Row): void {
  const scale = Math.max(1e-3, ...Array.from(expected, Math.abs));
  Array.from(expected, (value, i) => expect(Math.abs(got[i] - value) / scale).toBeLessThanOrEqual(GRADIENT));
}

/** Central difference with the error of fourth order, in float64. */
export function derivative(f: (t: number) => number, at: number, step = 1e-3): number {
  return (8 * (f(at + step) - f(at - step)) - (f(at + 2 * step) - f(at - 2 * step))) / (12 * step);
}
