import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { registerFused } from '../../../src/engine/fused.js';
import { distance } from '../../../src/geometry/distance.js';
import { loadNative } from '../../../src/native/index.js';

export type Path = 'fused' | 'tensors';

/** The paths that this machine has: without the addon, tensors alone. */
export const PATHS: readonly Path[] = loadNative() ? ['fused', 'tensors'] : ['tensors'];

/** Runs what follows on one path, whatever the engine registered. */
export function usePath(path: Path): void {
  registerFused('pairs', path === 'fused' ? loadNative()?.pairs : undefined);
}

export type TestSpace = Exclude<Space, { kind: 'product' } | { kind: 'star' }>;

export const DIM = 5;
export const SPACES: readonly TestSpace[] = [
  { kind: 'euclidean', dim: DIM },
  { kind: 'cosine', dim: DIM },
  { kind: 'innerProduct', dim: DIM },
  { kind: 'sphere', dim: DIM, curvature: 0.7 },
  { kind: 'poincare', dim: DIM, curvature: -1 },
  { kind: 'poincare', dim: DIM, curvature: -2.3 },
  { kind: 'lorentz', dim: DIM, curvature: -0.6 },
  { kind: 'stereographic', dim: DIM, curvature: -0.4 },
  { kind: 'stereographic', dim: DIM, curvature: 0 },
  { kind: 'stereographic', dim: DIM, curvature: 1.3 },
];

/** Any coordinates as a point of the space, float32: rows are scaled to where the space has its points. */
export function pointOf(space: TestSpace, v: readonly number[]): Float32Array {
  const norm = Math.hypot(...v);
  const K = 'curvature' in space ? space.curvature : 0;
  if (space.kind === 'cosine') return Float32Array.from(v, (a) => a / norm);
  if (space.kind === 'sphere') return Float32Array.from(v, (a) => a / norm / Math.sqrt(K));
  if (space.kind === 'lorentz') {
    const rest = Float32Array.from(v);
    return Float32Array.of(Math.sqrt(-1 / K + rest.reduce((sum, a) => sum + a * a, 0)), ...rest);
  }
  if (K < 0) return Float32Array.from(v, (a) => (a / norm) * (Math.tanh(norm / 2) / Math.sqrt(-K)));
  return Float32Array.from(v);
}

export function randomPoints(space: TestSpace, n: number, seed: number, spread = 0.8): Float32Array {
  const rng = new Rng(seed);
  const rows = Array.from({ length: n }, () =>
    pointOf(
      space,
      Array.from({ length: space.dim }, () => rng.normal() * spread),
    ),
  );
  return Float32Array.from(rows.flatMap((row) => Array.from(row)));
}

/** Float64 distances of the rows of two arrays, weighted: Σ w_ij d(x_i, y_j), or row to row. */
export function weightedSum(
  space: TestSpace,
  x: Float64Array,
  y: Float64Array,
  columns: number,
  weights: ArrayLike<number>,
  rows = false,
): number {
  const [n, m] = [x.length / columns, y.length / columns];
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = rows ? i : 0; j < (rows ? i + 1 : m); j++) {
      const p = x.subarray(i * columns, (i + 1) * columns);
      const q = y.subarray(j * columns, (j + 1) * columns);
      sum += weights[rows ? i : i * m + j] * freeDistance(space, p, q);
    }
  }
  return sum;
}

/** The float64 distance off the surface too: the time of a lorentz row is taken from the rest, a direction from any length. */
export function freeDistance(space: TestSpace, x: Float64Array, y: Float64Array): number {
  const onto = (row: Float64Array): Float64Array => {
    if (space.kind === 'sphere') {
      const scale = 1 / Math.hypot(...row) / Math.sqrt(space.curvature);
      return row.map((a) => a * scale);
    }
    if (space.kind !== 'lorentz') return row;
    const rest = row.subarray(1);
    return Float64Array.of(Math.sqrt(-1 / space.curvature + rest.reduce((s, a) => s + a * a, 0)), ...rest);
  };
  return distance(space, onto(x), onto(y));
}

/** Central differences of a function of float64 values. */
export function differences(
  f: (at: Float64Array) => number,
  at: ArrayLike<number>,
  step: number,
): Float64Array {
  return Float64Array.from(at, (_, i) => {
    const [up, down] = [Float64Array.from(at), Float64Array.from(at)];
    up[i] += step;
    down[i] -= step;
    return (f(up) - f(down)) / (2 * step);
  });
}

/** Largest difference relative to the largest expected value. */
export function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let scale = 1e-12;
  for (let i = 0; i < expected.length; i++) {
    // Math.max passes NaN on.
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return difference / scale;
}
