import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { AT_INFERENCE, type BatchGroup } from '../../../src/encoders/groups/batchGroup.js';
import { e3Batch, motionsAndOrdersBatch, se2Batch, se3Batch } from '../../../src/encoders/groups/motions.js';
import { permutationsBatch } from '../../../src/encoders/groups/permutations.js';
import {
  orthogonal2dBatch,
  orthogonal3dBatch,
  rotations2dBatch,
  rotations3dBatch,
} from '../../../src/encoders/groups/rotations.js';
import { scalingBatch } from '../../../src/encoders/groups/scaling.js';
import { translationsBatch } from '../../../src/encoders/groups/translations.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import type { PointSets } from '../../../src/engine/records.js';
import * as tf from '../../../src/engine/tf.js';
import { FLOAT32 } from '../../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const rng = new Rng(3);
const normals = (...shape: number[]) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => rng.normal()),
    shape,
  );
};
const far = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];
/** Clouds of 5, 3 and 0 of 5 places. */
const clouds = (dim: number): PointSets => {
  const mask = tf.tensor2d([
    [1, 1, 1, 1, 1],
    [1, 1, 1, 0, 0],
    [0, 0, 0, 0, 0],
  ]);
  const points = tf.mul(normals(3, 5, dim), tf.expandDims(mask, 2)) as tf.Tensor3D;
  const kinds = tf.mul(normals(3, 5, 2), tf.expandDims(mask, 2)) as tf.Tensor3D;
  return { points, mask, kinds };
};

interface Case {
  readonly group: BatchGroup<PointSets, never, never>;
  readonly dim: number;
  features(): unknown;
}
const scores = () => ({ scores: normals(3, 5), mask: clouds(1).mask });
const of = (group: unknown, dim: number, features: () => unknown): Case => ({
  group: group as Case['group'],
  dim,
  features,
});
const CASES: Readonly<Record<string, Case>> = {
  'T(2)': of(translationsBatch(2), 2, () => normals(3, 2)),
  'SO(2)': of(rotations2dBatch(), 2, () => normals(3, 1, 2)),
  'O(2)': of(orthogonal2dBatch(), 2, () => normals(3, 2, 2)),
  'SO(3)': of(rotations3dBatch(), 3, () => normals(3, 2, 3)),
  'O(3)': of(orthogonal3dBatch(), 3, () => normals(3, 3, 3)),
  scaling: of(scalingBatch(), 2, () => normals(3, 1)),
  'SE(2)': of(se2Batch(), 2, () => [normals(3, 2), normals(3, 1, 2)]),
  'SE(3)': of(se3Batch(), 3, () => [normals(3, 3), normals(3, 2, 3)]),
  'E(3)': of(e3Batch(), 3, () => [normals(3, 3), normals(3, 3, 3)]),
  S_N: of(permutationsBatch(), 2, scores),
  'SE(3) x S_N': of(motionsAndOrdersBatch(), 3, () => [[normals(3, 3), normals(3, 2, 3)], scores()]),
};

describe.each(Object.entries(CASES))('%s on point sets', (_, { group, dim, features }) => {
  it('goes back: g⁻¹ g x = x = g g⁻¹ x, places without a point staying zero', () => {
    const x = clouds(dim);
    const g = group.fromFeatures(features() as never, AT_INFERENCE);
    for (const [first, second] of [
      [g, group.inverse(g)],
      [group.inverse(g), g],
    ]) {
      const once = group.act(first, x);
      const back = group.act(second, once);
      expect(far(back.points, x.points)).toBeLessThan(FLOAT32);
      expect(far(back.mask, x.mask)).toBe(0);
      expect(far(back.kinds as tf.Tensor3D, x.kinds as tf.Tensor3D)).toBe(0);
      const absent = tf.mul(once.points, tf.sub(1, tf.expandDims(once.mask, 2)));
      expect(far(absent, tf.mul(absent, 0))).toBe(0);
    }
  });
});

describe('frames from vectors', () => {
  const gradientOf = (frames: (f: tf.Tensor3D) => tf.Tensor, at: tf.Tensor3D) =>
    tf.grad((f) => tf.sum(tf.mul(frames(f as tf.Tensor3D), normals(...frames(at).shape))))(at);
  const groups = [
    ['SO(2)', rotations2dBatch(), 2],
    ['O(2)', orthogonal2dBatch(), 2],
    ['SO(3)', rotations3dBatch(), 3],
    ['O(3)', orthogonal3dBatch(), 3],
  ] as const;

  it.each(groups)(
    '%s: orthogonal and finite with finite gradients wherever the vectors vanish or are parallel',
    (_, group, dim) => {
      const a = Array.from({ length: dim }, (_, i) => 0.3 + i);
      const zero = a.map(() => 0);
      const e = (k: number) => a.map((_, i) => (i === k ? 2 : 0));
      const some = [
        ...[zero, zero, zero, a, zero, zero, zero, a, zero, zero, zero, a, a, a, zero],
        ...[a, a.map((v) => -v), a, e(dim - 1), e(dim - 1), e(0), a.map((v) => v * 1e-12), a, zero],
        ...[a.map((v) => v * 1e-20), a.map((v) => v * 1e-15), zero, a, a.map((v) => v * (1 + 1e-6)), zero],
      ];
      const at = tf.tensor3d(some.flat(), [some.length / 3, 3, dim]);
      const frames = (f: tf.Tensor3D) => group.fromFeatures(f, AT_INFERENCE);
      const g = frames(at);
      const square = tf.matMul(g, g, false, true);
      expect(far(square, tf.tile(tf.expandDims(tf.eye(dim), 0), [at.shape[0], 1, 1]))).toBeLessThan(FLOAT32);
      for (const value of gradientOf(frames, at).dataSync()) expect(Number.isFinite(value)).toBe(true);
    },
  );

  it.each(groups)('%s: NaN in a vector is NaN in the frame', (_, group, dim) => {
    const at = tf.fill([1, 3, dim], Number.NaN) as tf.Tensor3D;
    for (const value of group.fromFeatures(at, AT_INFERENCE).dataSync()) expect(value).toBeNaN();
  });

  it.each(groups)('%s: refuses features of another shape', (_, group, dim) => {
    expect(() => group.fromFeatures(normals(3, 3, dim + 1) as tf.Tensor3D, AT_INFERENCE)).toThrow(ShapeError);
    expect(() => group.fromFeatures(normals(3, 0, dim) as tf.Tensor3D, AT_INFERENCE)).toThrow(ShapeError);
  });
});

describe('orders from scores', () => {
  const group = permutationsBatch({ temperature: { start: 1, end: 0.01 } });
  const mask = () =>
    tf.tensor2d([
      [1, 1, 1, 1],
      [1, 1, 1, 0],
      [0, 0, 0, 0],
      [0, 1, 0, 1],
    ]);
  const tied = () =>
    tf.tensor2d([
      [2, 7, 2, 7],
      [0, 0, 0, 9],
      [3, 1, 2, 0],
      [9, -4, 9, -3],
    ]);

  it('is a true permutation where scores are equal: by hand', () => {
    const { matrix } = group.fromFeatures({ scores: tied(), mask: mask() }, AT_INFERENCE);
    const slots = tf.argMax(matrix, 2).arraySync();
    expect(slots).toEqual([
      [2, 0, 3, 1],
      [0, 1, 2, 3],
      [0, 1, 2, 3],
      [2, 1, 3, 0],
    ]);
    expect(far(tf.sum(matrix, 1), tf.ones([4, 4]))).toBe(0);
    expect(far(tf.sum(matrix, 2), tf.ones([4, 4]))).toBe(0);
  });

  it('in training has the same values, and a finite gradient of the soft order', () => {
    const moment = { training: true, progress: 0.5 };
    const weights = normals(4, 4, 4);
    const loss = (s: tf.Tensor) => {
      const g = group.fromFeatures({ scores: s as tf.Tensor2D, mask: mask() }, moment);
      const { matrix } = group.fromFeatures({ scores: s as tf.Tensor2D, mask: mask() }, AT_INFERENCE);
      expect(far(g.matrix, matrix)).toBe(0);
      return tf.add(tf.sum(tf.mul(g.matrix, weights)), group.penalty?.(g) as tf.Scalar) as tf.Scalar;
    };
    for (const value of tf.grad(loss)(tied()).dataSync()) expect(Number.isFinite(value)).toBe(true);
    const spread = tf.tensor2d([0.1, 0.4, -0.3, 0.2, 0.5, 0.2, -0.1, 0, 0, 0, 0, 0, 0, 1.1, 0, 1], [4, 4]);
    expect(tf.max(tf.abs(tf.grad(loss)(spread))).dataSync()[0]).toBeGreaterThan(0.01);
  });

  it('its soft rows and columns are sharp at a low temperature: no penalty then; ln N each at a high one', () => {
    const at = (progress: number, temperature: number) => {
      const one = permutationsBatch({ temperature });
      const moment = { training: true, progress };
      const g = one.fromFeatures({ scores: tf.tensor2d([[3, 1, 2, 0]]), mask: tf.ones([1, 4]) }, moment);
      return one.penalty?.(g).dataSync()[0];
    };
    expect(at(1, 1e-3)).toBeCloseTo(0, 6);
    expect(at(1, 1e6)).toBeCloseTo(2 * Math.log(4), 5);
  });

  it('the soft order goes evenly through a tie, where it averages both places; the hard one jumps', () => {
    const one = permutationsBatch({ temperature: 0.1 });
    const at = (first: number) => {
      const scores = tf.tensor2d([[first, 0]]);
      const g = one.fromFeatures({ scores, mask: tf.ones([1, 2]) }, { training: true, progress: 0 });
      return { soft: (g.soft as tf.Tensor).dataSync()[0], hard: g.matrix.dataSync()[0] };
    };
    expect(at(0).soft).toBeCloseTo(0.5, 6);
    expect(Math.abs(at(1e-4).soft - at(-1e-4).soft)).toBeLessThan(1e-3);
    expect(at(1e-4).hard - at(-1e-4).hard).toBe(1);
  });

  it('its gradient is that of no loss: between ties the loss is flat, and the gradient is not', () => {
    const target = tf.tensor2d([[5, 1, 3]]);
    const loss = (s: tf.Tensor) => {
      const moment = { training: true, progress: 0 };
      const { matrix } = group.fromFeatures({ scores: s as tf.Tensor2D, mask: tf.ones([1, 3]) }, moment);
      const output = tf.matMul(matrix, tf.tensor3d([[[1], [3], [5]]]));
      return tf.sum(tf.square(tf.sub(tf.reshape(output, [1, 3]), target))) as tf.Scalar;
    };
    const at = tf.tensor2d([[0.2, 0.5, -0.4]]);
    expect(loss(tf.add(at, tf.tensor2d([[0.05, 0.02, -0.03]]))).dataSync()[0]).toBe(loss(at).dataSync()[0]);
    expect(tf.max(tf.abs(tf.grad(loss)(at))).dataSync()[0]).toBeGreaterThan(0.1);
  });

  it('a NaN score is NaN in that item alone', () => {
    const scores = tf.tensor2d([Number.NaN, 1, 2, 3, 3, 2, 1, 0], [2, 4]);
    const { matrix } = group.fromFeatures({ scores, mask: tf.ones([2, 4]) }, AT_INFERENCE);
    const values = matrix.dataSync();
    expect(values.slice(0, 16).every(Number.isNaN)).toBe(true);
    expect(values.slice(16).some(Number.isNaN)).toBe(false);
  });
});
