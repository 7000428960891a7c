import type { LabelledImages } from '../core/records.js';
import type { Rng } from '../core/rng.js';
import { rotateImages } from '../symmetry/rotation.js';

/** Images as a model takes them. */
export interface TurnedImages {
  /** [count * height * width], 0..1. */
  readonly pixels: Float32Array;
  /** [count], radians in [-π, π), counter-clockwise: see rotateImages. */
  readonly angles: Float64Array;
}

/** Each image turned about its centre by its own uniform angle. */
export function turnRandomly(images: LabelledImages, rng: Rng): TurnedImages {
  const angles = Float64Array.from({ length: images.count }, () => rng.uniform(-Math.PI, Math.PI));
  const pixels = rotateImages(images.pixels, images.count, images.height, images.width, angles);
  return { pixels, angles };
}
