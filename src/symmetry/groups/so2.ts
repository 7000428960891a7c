import { requireFinite, requireLength } from '../../core/checks.js';
import type { Group } from '../group.js';
import { rotateImages } from '../rotation.js';

/**
 * SO(2), an element being its angle in radians, counter-clockwise, in (-π, π]; `distance` is the angle between, 0..π.
 * ψ takes a vector (v0, v1) of frequency 1, v0 to the right and v1 up, to its direction; (0, 0) to the identity.
 * @param act how a turn changes an x
 */
export function so2<X>(act: (angle: number, x: X) => X): Group<number, X> {
  return {
    name: 'SO(2)',
    identity: 0,
    compose: (g, h) => wrapAngle(g + h),
    inverse: (g) => wrapAngle(-g),
    act,
    random: (rng) => wrapAngle(rng.uniform(-Math.PI, Math.PI)),
    distance: (g, h) => Math.abs(wrapAngle(g - h)),
    fromFeatures(features) {
      requireLength(features.length, 2, 'SO(2) features');
      requireFinite(features, 2, 'SO(2) features');
      return wrapAngle(Math.atan2(features[1], features[0]));
    },
  };
}

/** SO(2) on grey images [height * width], 0..1: bilinear rotation about the centre, exact at multiples of 90 degrees of a square. */
export function so2OnImages(height: number, width: number): Group<number, Float32Array> {
  return so2((angle, pixels) => rotateImages(pixels, 1, height, width, [angle]));
}

/** SO(2) on vectors (right, up) of the plane: the features that ψ reads. */
export const so2OnVectors: Group<number, readonly [number, number]> = so2((angle, [right, up]) => {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return [cos * right - sin * up, sin * right + cos * up];
});

/** The same angle in (-π, π]. */
export function wrapAngle(angle: number): number {
  const wrapped = angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
  return wrapped <= -Math.PI ? wrapped + 2 * Math.PI : wrapped;
}
