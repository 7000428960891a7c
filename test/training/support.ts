import { type Matrix, type Matrix64, matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import * as tf from '../../src/engine/tf.js';
import { manifoldOf } from '../../src/geometry/manifold.js';
import { wrappedNormal } from '../../src/geometry/sampling.js';

/** n points about the origin of the space, rounded to float32. */
export function pointsOf(space: Space, n: number, seed: number): Matrix64 {
  const manifold = manifoldOf(space);
  const sd = new Float64Array(manifold.dimension).fill(0.3);
  const { data, ...shape } = wrappedNormal(space, manifold.origin(), sd, n, new Rng(seed));
  return { ...shape, data: data.map(Math.fround) };
}

/** Normal numbers of a turning pattern, so that moments neither die out nor only grow. */
export function gradientOf(rows: number, columns: number, step: number): Matrix64 {
  const rng = new Rng(1000 + step);
  const data = Float64Array.from({ length: rows * columns }, (_, k) =>
    Math.fround(Math.sin(step / 3 + k) + 0.5 * rng.normal()),
  );
  return matrix(data, rows, columns);
}

/** Largest deviation relative to max(1, |ref|); NaN where one is none. */
export function farthest(got: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (got.length !== reference.length) return Number.NaN;
  return Math.max(
    0,
    ...Array.from(reference, (ref, i) => Math.abs(got[i] - ref) / Math.max(1, Math.abs(ref))),
  );
}

export function tensorOf({ data, rows, columns }: Matrix): tf.Tensor2D {
  return tf.tensor2d(Float32Array.from(data), [rows, columns]);
}
