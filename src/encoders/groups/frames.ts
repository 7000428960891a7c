import * as tf from '../../engine/tf.js';
import { NEGLIGIBLE_LENGTH, NEGLIGIBLE_SHARE } from '../../symmetry/groups/frames.js';
import { framesOfPairs } from './pairFrames.js';

/** k vectors of each item, each [n, dim], and the squared length from which on one of them counts, [n, 1]. */
interface Candidates {
  readonly vectors: readonly tf.Tensor2D[];
  readonly least: tf.Tensor2D;
}

/**
 * Orthonormal frames of the plane that turn with the vectors they come from: planeFrame on tensors. Column 0 is the direction of the first
 * vector that is not negligible (the first axis where none is), column 1 that direction turned by a quarter.
 * With `mirrors` column 1 points to the side of the first vector that is off that line: mirrored vectors then give the
 * mirrored frame. Lengths 1e-10..1e15. Call inside tidy.
 * @param features [n, k, 2] @returns [n, 2, 2]
 */
export function planeFrames(features: tf.Tensor3D, mirrors: boolean): tf.Tensor3D {
  const candidates = candidatesOf(features);
  const first = firstDirection(candidates, axis(features, 0));
  const [right, up] = columnsOf(first);
  const turned: tf.Tensor2D = tf.concat([tf.neg(up), right], 1);
  const second = mirrors ? onSideOf(candidates, turned) : turned;
  return tf.stack([first, second], 2) as tf.Tensor3D;
}

/**
 * Orthonormal frames of space, spaceFrame on tensors: column 0 along the first vector that counts, column 1 along the first
 * one off that line, less its part along it; where all lie on a line, along a coordinate axis less that part. Column 2
 * is their cross product, with `mirrors` turned to the side of the first vector that is off their plane.
 * Gram and Schmidt twice over, so that nearly parallel vectors still give orthogonal columns. Of two vectors without
 * `mirrors` the gradient is in closed form, and none where they do not both count. Call inside tidy.
 * @param features [n, k, 3] @returns [n, 3, 3]
 */
export function spaceFrames(features: tf.Tensor3D, mirrors: boolean): tf.Tensor3D {
  if (mirrors || features.shape[1] !== 2) return framesBySteps(features, mirrors);
  return framesOfPairs(features, (pairs) => framesBySteps(pairs, false), leastOf);
}

function framesBySteps(features: tf.Tensor3D, mirrors: boolean): tf.Tensor3D {
  const candidates = candidatesOf(features);
  const first = firstDirection(candidates, axis(features, 0));
  const rests = candidates.vectors.slice(1).map((vector) => without(first, vector));
  const away = select({ vectors: rests, least: candidates.least }, without(first, axisAcross(first)));
  const second = unit(without(first, unit(away)));
  const third = cross(first, second);
  const last = mirrors ? onSideOf(candidates, third) : third;
  return tf.stack([first, second, last], 2) as tf.Tensor3D;
}

/** g x for rows x: points [n, N, dim] by matrices [n, dim, dim]. */
export function turn(matrices: tf.Tensor3D, points: tf.Tensor3D): tf.Tensor3D {
  return tf.matMul(points, matrices, false, true);
}

export function transposed(matrices: tf.Tensor3D): tf.Tensor3D {
  return tf.transpose(matrices, [0, 2, 1]);
}

function candidatesOf(features: tf.Tensor3D): Candidates {
  return { vectors: tf.unstack(features, 1) as tf.Tensor2D[], least: leastOf(features) };
}

function leastOf(features: tf.Tensor3D): tf.Tensor2D {
  const together = tf.sum(tf.square(features), [1, 2]);
  const least = tf.maximum(tf.mul(together, NEGLIGIBLE_SHARE ** 2), NEGLIGIBLE_LENGTH ** 2);
  return tf.expandDims(least, 1);
}

const firstDirection = (candidates: Candidates, otherwise: tf.Tensor2D): tf.Tensor2D =>
  unit(select(candidates, otherwise));

/** The first of the vectors that counts. By masks, as a choice by `where` has no gradient. */
function select({ vectors, least }: Candidates, otherwise: tf.Tensor2D): tf.Tensor2D {
  return vectors.reduceRight<tf.Tensor2D>((rest, vector) => {
    const counts = tf.step(tf.sub(squaredLength(vector), least));
    return tf.add(tf.mul(vector, counts), tf.mul(rest, tf.sub(1, counts)));
  }, otherwise);
}

/** `direction`, or its opposite if the first vector that counts along it points there. */
function onSideOf({ vectors, least }: Candidates, direction: tf.Tensor2D): tf.Tensor2D {
  const along = vectors.map((vector) => tf.sum(tf.mul(vector, direction), 1, true) as tf.Tensor2D);
  // 1 where no vector decides: the mirror image at the frame's own plane is then the item itself.
  const decisive = select({ vectors: along, least }, tf.add(tf.mul(along[0], 0), 1));
  return tf.mul(direction, tf.sub(tf.mul(tf.step(decisive), 2), 1));
}

const squaredLength = (x: tf.Tensor2D): tf.Tensor2D => tf.sum(tf.square(x), 1, true);
const unit = (x: tf.Tensor2D): tf.Tensor2D => tf.mul(x, tf.rsqrt(squaredLength(x)));

/** What `x` has across the unit vectors `along`. */
const without = (along: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor2D =>
  tf.sub(x, tf.mul(along, tf.sum(tf.mul(along, x), 1, true)));

const columnsOf = (x: tf.Tensor2D): tf.Tensor2D[] => tf.split(x, x.shape[1], 1);

function cross(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  const [a0, a1, a2] = columnsOf(a);
  const [b0, b1, b2] = columnsOf(b);
  const minor = (p: tf.Tensor, q: tf.Tensor, r: tf.Tensor, s: tf.Tensor): tf.Tensor2D =>
    tf.sub(tf.mul(p, q), tf.mul(r, s));
  return tf.concat([minor(a1, b2, a2, b1), minor(a2, b0, a0, b2), minor(a0, b1, a1, b0)], 1);
}

/** Coordinate axis k for each item of the features, [n, dim]. */
function axis({ shape: [n, , dim] }: tf.Tensor3D, k: number): tf.Tensor2D {
  const one = Array.from({ length: dim }, (_, i) => (i === k ? 1 : 0));
  return tf.broadcastTo(tf.tensor2d(one, [1, dim]), [n, dim]);
}

/** Axis 0 where the unit vectors are within 30 degrees of axis 2, axis 2 elsewhere. */
function axisAcross(directions: tf.Tensor2D): tf.Tensor2D {
  const along = tf.abs(columnsOf(directions)[2]);
  const near = tf.step(tf.sub(along, Math.sqrt(3) / 2)) as tf.Tensor2D;
  return tf.concat([near, tf.mul(near, 0), tf.sub(1, near)], 1) as tf.Tensor2D;
}
