import { expect } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import type { PairPlan } from '../../../src/engine/records.js';
import * as tf from '../../../src/engine/tf.js';
import { mean } from '../../../src/losses/reducers.js';
import type { LossTerms } from '../../../src/losses/terms.js';
import { pairsOfLabels } from '../../../src/sampling/pairs.js';
import { FLOAT32 } from '../../laws/tolerance.js';

/** max|Δ| of a gradient relative to its largest entry: design.md. */
export const GRADIENT = 1e-4;

/** n rows of uniform numbers in [low, high), rounded to float32. */
export function uniformRows(n: number, columns: number, seed: number, low = -1, high = 1): number[][] {
  const rng = new Rng(seed);
  return Array.from({ length: n }, () =>
    Array.from({ length: columns }, () => Math.fround(rng.uniform(low, high))),
  );
}

export const planOf = (labels: readonly number[]): PairPlan =>
  tf.scope(() => pairsOfLabels(tf.tensor1d([...labels], 'int32')));

/** The one part of a loss, reduced to its mean. */
export const meanOf = (terms: LossTerms): tf.Scalar => mean(Object.values(terms)[0]);

/** Central differences of a float64 function of rows. */
export function differences(f: (rows: number[][]) => number, at: readonly number[][], step = 1e-5): number[] {
  const rows = at.map((row) => [...row]);
  return rows.flatMap((row) =>
    row.map((value, j) => {
      row[j] = value + step;
      const up = f(rows);
      row[j] = value - step;
      const down = f(rows);
      row[j] = value;
      return (up - down) / (2 * step);
    }),
  );
}

/** Value and gradient of f at the rows, as plain numbers. */
export function evaluate(
  f: (x: tf.Tensor2D) => tf.Scalar,
  rows: readonly number[][],
): { value: number; gradient: number[] } {
  return tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((x) => f(x as tf.Tensor2D))(tf.tensor2d([...rows]));
    return { value: value.dataSync()[0], gradient: Array.from(grad.dataSync()) };
  }) as unknown as { value: number; gradient: number[] };
}

export function expectValue(got: number, reference: number): void {
  expect(Math.abs(got - reference)).toBeLessThanOrEqual(FLOAT32 * Math.max(1, Math.abs(reference)));
}

export function expectGradient(
  got: ArrayLike<number>,
  reference: readonly number[],
  tolerance = GRADIENT,
): void {
  expect(got.length).toBe(reference.length);
  const largest = reference.reduce((most, r) => Math.max(most, Math.abs(r)), 0);
  const worst = reference.reduce((most, r, i) => Math.max(most, Math.abs(r - got[i])), 0);
  expect(worst).toBeLessThanOrEqual(tolerance * largest);
  expect(Array.from(got).every(Number.isFinite)).toBe(true);
}

/** Spaces that a loss of distances must work in, and points of each: columns of small positive numbers are in all. */
export const SPACES: readonly Space[] = [
  { kind: 'poincare', dim: 3, curvature: -1 },
  { kind: 'star', dim: 1 },
  {
    kind: 'product',
    combine: 'sum',
    factors: [
      { space: { kind: 'euclidean', dim: 2 }, weight: 0.5 },
      { space: { kind: 'poincare', dim: 2, curvature: -0.5 }, weight: 2 },
    ],
  },
];
