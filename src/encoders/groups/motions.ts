import type { PointSets } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import type { BatchGroup } from './batchGroup.js';
import { type Orders, type PermutationOptions, permutationsBatch, type Scores } from './permutations.js';
import { directBatch, semidirectBatch, type Two } from './products.js';
import { type MatrixGroup, orthogonal3dBatch, rotations2dBatch, rotations3dBatch } from './rotations.js';
import { translationsBatch } from './translations.js';

/**
 * x -> R x + t on clouds. Features: a place that moves along [n, dim], and vectors that only turn [n, k, dim];
 * elements: t [n, dim] and R [n, dim, dim].
 */
export type MotionGroup = BatchGroup<PointSets, Two<tf.Tensor2D, tf.Tensor3D>, Two<tf.Tensor2D, tf.Tensor3D>>;

/** SE(2): rotations2dBatch, then translationsBatch(2). */
export const se2Batch = (): MotionGroup => motions('SE(2)', 2, rotations2dBatch());

/** SE(3): rotations3dBatch, then translationsBatch(3). */
export const se3Batch = (): MotionGroup => motions('SE(3)', 3, rotations3dBatch());

/** E(3), with mirror images: orthogonal3dBatch, then translationsBatch(3). */
export const e3Batch = (): MotionGroup => motions('E(3)', 3, orthogonal3dBatch());

function motions(name: string, dim: number, turns: MatrixGroup): MotionGroup {
  const turned = (R: tf.Tensor3D, t: tf.Tensor2D): tf.Tensor2D =>
    tf.reshape(tf.matMul(R, tf.expandDims(t, 2) as tf.Tensor3D), t.shape);
  return semidirectBatch(translationsBatch(dim), turns, turned, name);
}

/** Features: those of the motions and the scores of the points, which no motion changes. */
export type MotionAndOrderGroup = BatchGroup<
  PointSets,
  Two<Two<tf.Tensor2D, tf.Tensor3D>, Scores>,
  Two<Two<tf.Tensor2D, tf.Tensor3D>, Orders>
>;

/** Clouds however they lie and in whichever order their points come: SE(3) x S_N, or other motions x S_N. */
export function motionsAndOrdersBatch(
  motion: MotionGroup = se3Batch(),
  options: PermutationOptions = {},
): MotionAndOrderGroup {
  return directBatch(motion, permutationsBatch(options));
}
