import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type Matrix64, matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { randomRotation } from '../../../src/symmetry/so3/quaternion.js';
import { ROTATION_TABLES } from '../../laws/tolerance.js';

export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}

export interface E3nnFixture {
  readonly points: number[][];
  readonly componentOfDirections: number[][];
  readonly solidIntegral: number[][];
  readonly euler: { readonly alpha: number; readonly beta: number; readonly gamma: number };
  readonly rotation: number[];
  readonly quaternion: number[];
  readonly wignerDegrees: number[];
  readonly wignerD: number[][];
  readonly wigner3jSums: Readonly<Record<string, number>>;
  readonly wigner3jSumsAbove11: Readonly<Record<string, number>>;
}

export function pointsOf(rows: readonly (readonly number[])[]): Matrix64 {
  return matrix(Float64Array.from(rows.flat()), rows.length, 3);
}

/** n points, normal, seeded. */
export function randomPoints(n: number, seed: number, columns = 3): Matrix64 {
  const rng = new Rng(seed);
  return matrix(
    Float64Array.from({ length: n * columns }, () => rng.normal()),
    n,
    columns,
  );
}

/** Any rotation, by its seed. */
export const rotation = fc.nat(1e9).map((seed) => randomRotation(new Rng(seed)));

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

/** Every number within `tolerance` of `size`, by default the largest number expected or 1. */
export function expectClose(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = ROTATION_TABLES,
): void {
  const size = Array.from(expected).reduce((a, b) => Math.max(a, Math.abs(b)), 1);
  expect(largestDifference(got, expected) / size).toBeLessThanOrEqual(tolerance);
}

/** [rows, inner] times [inner, columns], row-major. */
export function times(a: ArrayLike<number>, b: ArrayLike<number>, rows: number, inner: number): Float64Array {
  const columns = b.length / inner;
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += a[i * inner + k] * b[k * columns + j];
    return sum;
  });
}

export function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
}

export function transposed(a: ArrayLike<number>, rows: number): Float64Array {
  const columns = a.length / rows;
  return Float64Array.from({ length: a.length }, (_, at) => a[(at % rows) * columns + Math.floor(at / rows)]);
}
