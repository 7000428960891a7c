import { expect } from 'vitest';
import { Rng } from '../../src/core/rng.js';
import * as tf from '../../src/engine/tf.js';
import { FLOAT32 } from '../laws/tolerance.js';

/** Every value within `tolerance` of the expected one, relative to max(1, |expected|). */
export function expectRows(
  got: tf.Tensor2D,
  expected: tf.Tensor2D | readonly (readonly number[])[],
  tolerance = FLOAT32,
): void {
  const rows = expected instanceof tf.Tensor ? expected.arraySync() : expected;
  const values = got.arraySync();
  expect(values.map((row) => row.length)).toEqual(rows.map((row) => row.length));
  rows.forEach((row, i) => {
    row.forEach((value, k) => {
      const off = Math.abs(values[i][k] - value);
      if (!(off <= tolerance * Math.max(1, Math.abs(value))))
        expect.fail(`(${i}, ${k}): got ${values[i][k]}, expected ${value}`);
    });
  });
}

/** [n, columns], normal with the given standard deviation. */
export function normalRows(n: number, columns: number, sigma: number, seed: number): tf.Tensor2D {
  const rng = new Rng(seed);
  return tf.tensor2d(
    Float32Array.from({ length: n * columns }, () => sigma * rng.normal()),
    [n, columns],
  );
}
