import type { Matrix } from '../../core/matrix.js';
import type { Rng } from '../../core/rng.js';
import type { Group } from '../group.js';
import { randomRotation } from '../so3/quaternion.js';
import { frobenius, identityMatrix, multiply, requireVectors, transpose, turnRows } from './clouds.js';
import { planeFrame, spaceFrame } from './frames.js';

/**
 * O(2), rotations and mirror images, on clouds of the plane: an element is its 2 x 2 matrix, row-major; `distance` is the
 * Frobenius norm of the difference. ψ takes two vectors or more [k, 2] that turn and mirror with the cloud.
 */
export function orthogonalGroup2d(): Group<Float64Array, Matrix, Matrix> {
  return orthogonalGroup(2, randomRotation2d, (features) => planeFrame(features, true));
}

/**
 * O(3) on clouds of space: an element is its 3 x 3 matrix, row-major; `distance` is the Frobenius norm of the
 * difference. ψ takes three vectors or more [k, 3] that turn and mirror with the cloud, no cross products among them.
 */
export function orthogonalGroup3d(): Group<Float64Array, Matrix, Matrix> {
  return orthogonalGroup(3, randomRotation, (features) => spaceFrame(features, true));
}

function orthogonalGroup(
  dim: number,
  randomRotation: (rng: Rng) => Float64Array,
  frame: (features: Matrix) => Float64Array,
): Group<Float64Array, Matrix, Matrix> {
  const name = `O(${dim})`;
  return {
    name,
    identity: identityMatrix(dim),
    compose: (g, h) => multiply(g, h, dim),
    inverse: (g) => transpose(g, dim),
    act: (g, x) => turnRows(g, x, dim, `${name} cloud`),
    random(rng) {
      const rotation = randomRotation(rng);
      const mirror = rng.below(2) === 1 ? -1 : 1;
      return rotation.map((value, at) => (at % dim === dim - 1 ? mirror * value : value));
    },
    distance: frobenius,
    fromFeatures(features) {
      requireVectors(features, dim, dim, `${name} features`);
      return frame(features);
    },
  };
}

function randomRotation2d(rng: Rng): Float64Array {
  const angle = rng.uniform(-Math.PI, Math.PI);
  return Float64Array.of(Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle));
}
