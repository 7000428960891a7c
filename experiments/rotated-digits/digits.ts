import { type LabelledImages, type Matrix32, matrix, type Rng, rotateImages } from '../../src/index.js';

/** Digits turned once each. */
export interface TurnedDigits {
  /** [n, 784], 0..1 */
  readonly images: Matrix32;
  /** Upright. */
  readonly upright: LabelledImages;
  /** [n], radians, counter-clockwise */
  readonly turns: Float64Array;
}

export function turnDigits(upright: LabelledImages, rng: Rng): TurnedDigits {
  const turns = Float64Array.from({ length: upright.count }, () => rng.uniform(-Math.PI, Math.PI));
  return { images: turnedBy(upright, turns), upright, turns };
}

/** Each upright digit turned by its angle, interpolated once. */
export function turnedBy(
  { pixels, count, height, width }: LabelledImages,
  angles: ArrayLike<number>,
): Matrix32 {
  return matrix(rotateImages(pixels, count, height, width, angles), count, height * width);
}
