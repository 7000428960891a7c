import type { Matrix } from '../../core/matrix.js';
import type { Group } from '../group.js';
import { randomRotation } from '../so3/quaternion.js';
import { frobenius, identityMatrix, multiply, requireVectors, transpose, turnRows } from './clouds.js';
import { spaceFrame } from './frames.js';

/**
 * SO(3) on clouds of space: an element is its 3 x 3 matrix, row-major; `distance` is the angle of the rotation between,
 * 0..π. ψ takes two vectors or more [k, 3] that turn with the cloud; those on one line give a frame along it, none the
 * identity.
 * @source Winter et al. 2022, arXiv:2202.07559, section 3
 */
export function rotationGroup3d(): Group<Float64Array, Matrix, Matrix> {
  return {
    name: 'SO(3)',
    identity: identityMatrix(3),
    compose: (g, h) => multiply(g, h, 3),
    inverse: (g) => transpose(g, 3),
    act: (g, x) => turnRows(g, x, 3, 'SO(3) cloud'),
    random: randomRotation,
    distance: angleBetween,
    fromFeatures(features) {
      requireVectors(features, 2, 3, 'SO(3) features');
      return spaceFrame(features, false);
    },
  };
}

/** |g - h| is √8 sin(θ/2) and g : h is 1 + 2 cos θ: from both, as arc cosines lose small angles. */
function angleBetween(g: Float64Array, h: Float64Array): number {
  const inner = g.reduce((sum, value, at) => sum + value * h[at], 0);
  return 2 * Math.atan2(frobenius(g, h), Math.sqrt(Math.max(0, 2 + 2 * inner)));
}
