import type { Recompute, Tolerance } from './compare.js';
import type { JsonObject, Leaf, Shape } from './leaves.js';

/** One kind of reference file and what recomputes it. */
export interface Format {
  readonly shape: Shape;
  /** What the quantities of a file share is computed here, once. */
  prepare(file: JsonObject): Promise<Recompute>;
  toleranceOf(leaf: Leaf): Tolerance;
}
