import type { PointSets } from '../../engine/records.js';
import type * as tf from '../../engine/tf.js';
import type { BatchGroup } from './batchGroup.js';
import { planeFrames, spaceFrames, transposed, turn } from './frames.js';
import { requireVectors } from './shapes.js';

/** On clouds; features: vectors [n, k, dim] that turn with the cloud and stay when it is shifted; elements [n, dim, dim]. */
export type MatrixGroup = BatchGroup<PointSets, tf.Tensor3D, tf.Tensor3D>;

/** SO(2) on clouds of the plane. ψ: one vector or more [n, k, 2], in order of preference; no vector gives the identity. */
export function rotations2dBatch(): MatrixGroup {
  return matrixGroup('SO(2)', 2, 1, (features) => planeFrames(features, false));
}

/**
 * O(2), rotations and mirror images, on clouds of the plane. ψ: two vectors or more [n, k, 2] that turn and mirror with
 * the cloud, of which the second says on which side of the first it lies.
 */
export function orthogonal2dBatch(): MatrixGroup {
  return matrixGroup('O(2)', 2, 2, (features) => planeFrames(features, true));
}

/**
 * SO(3) on clouds of space. ψ: two vectors or more [n, k, 3], in order of preference, by Gram and Schmidt; the third
 * column of the frame is the cross product. Vectors on one line give a frame along it, none the identity.
 * @source Winter et al. 2022, arXiv:2202.07559, section 3
 */
export function rotations3dBatch(): MatrixGroup {
  return matrixGroup('SO(3)', 3, 2, (features) => spaceFrames(features, false));
}

/**
 * O(3) on clouds of space. ψ: three vectors or more [n, k, 3] that turn and mirror with the cloud: no cross products
 * among them, which a mirror image turns round. The third says on which side of the first two's plane it lies; where
 * all lie in a plane, mirroring at it changes nothing and either side is right.
 */
export function orthogonal3dBatch(): MatrixGroup {
  return matrixGroup('O(3)', 3, 3, (features) => spaceFrames(features, true));
}

function matrixGroup(
  name: string,
  dim: number,
  least: number,
  frames: (features: tf.Tensor3D) => tf.Tensor3D,
): MatrixGroup {
  return {
    name,
    fromFeatures(features) {
      requireVectors(features, least, dim, `${name} features`);
      return frames(features);
    },
    act: (g, x) => ({ ...x, points: turn(g, x.points) }),
    inverse: transposed,
  };
}
