import type { Matrix } from '../../core/matrix.js';
import type { Rng } from '../../core/rng.js';
import type { Group } from '../group.js';
import {
  frobenius,
  identityMatrix,
  multiply,
  normals,
  requireVectors,
  transpose,
  turnRows,
} from './clouds.js';
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
    random: randomRotation3d,
    distance: angleBetween,
    fromFeatures(features) {
      requireVectors(features, 2, 3, 'SO(3) features');
      return spaceFrame(features, false);
    },
  };
}

/** Uniform over SO(3): the rotation of a uniform unit quaternion. 3 x 3, row-major. */
export function randomRotation3d(rng: Rng): Float64Array {
  const quaternion = normals(rng, 4);
  const length = Math.hypot(...quaternion);
  const [w, x, y, z] = quaternion.map((value) => value / length);
  return Float64Array.of(
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    ...[2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    ...[2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  );
}

/** |g - h| is √8 sin(θ/2) and g : h is 1 + 2 cos θ: from both, as arc cosines lose small angles. */
function angleBetween(g: Float64Array, h: Float64Array): number {
  const inner = g.reduce((sum, value, at) => sum + value * h[at], 0);
  return 2 * Math.atan2(frobenius(g, h), Math.sqrt(Math.max(0, 2 + 2 * inner)));
}
