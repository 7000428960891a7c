import { type Matrix, type Matrix64, matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Group } from '../../src/symmetry/group.js';

/** Coordinates are a few units; a pose comes from a cloud that was moved twice, after ψ divided by lengths near 1. */
export const POSE = 1e-9;

/** Points as rows, from their coordinates one after the other. */
export const points = (dim: number, ...values: number[]): Matrix64 =>
  matrix(Float64Array.from(values), values.length / dim, dim);

/** Σ |x|^p x over the points, p = 0..count - 1: vectors that turn, mirror and scale with the cloud. */
export function moments(x: Matrix, count: number): Matrix64 {
  const data = new Float64Array(count * x.columns);
  for (let i = 0; i < x.rows; i++) {
    const point = x.data.subarray(i * x.columns, (i + 1) * x.columns);
    const size = Math.hypot(...point);
    for (let p = 0; p < count; p++)
      for (let k = 0; k < x.columns; k++) data[p * x.columns + k] += size ** p * point[k];
  }
  return matrix(data, count, x.columns);
}

/** Largest distance between numbers of the canonical poses ψ⁻¹ x of x and of 20 items of its orbit; NaN for a NaN. */
export function posesApart<G, F>(group: Group<G, Matrix, F>, features: (x: Matrix) => F, x: Matrix): number {
  const rng = new Rng(11);
  const pose = (y: Matrix) => group.act(group.inverse(group.fromFeatures(features(y))), y);
  const own = pose(x);
  let worst = 0;
  for (let draw = 0; draw < 20; draw++) {
    const other = pose(group.act(group.random(rng), x));
    for (let at = 0; at < own.data.length; at++)
      worst = Math.max(worst, Math.abs(own.data[at] - other.data[at]));
  }
  return worst;
}
