import type { Space } from '../../core/space.js';
import { normal, type ParameterSpec } from '../../engine/parameters.js';
import type * as tf from '../../engine/tf.js';
import { manifoldOn } from '../../manifolds/manifoldOn.js';

/** Points that a loss trains, from coordinates that any optimiser may move. */
export interface TrainablePoints {
  readonly spec: ParameterSpec;
  readonly points: (coordinates: tf.Tensor2D) => tf.Tensor2D;
}

/** Distance from the origin at which class points begin, u: apart from each other, and far from any rim. */
const START_RADIUS = 0.5;

/**
 * `count` rows: standard normal coordinates as they are, or, in a space, the points that tangent vectors at its origin
 * lead to.
 * @throws UsageError for a space that has no tangent vectors
 */
export function trainablePoints(
  name: string,
  count: number,
  space: Space | undefined,
  columns: number,
): TrainablePoints {
  if (!space) return { spec: { name, shape: [count, columns], initial: normal(1) }, points: (x) => x };
  const manifold = manifoldOn(space);
  const { dimension } = manifold;
  return {
    spec: { name, shape: [count, dimension], initial: normal(START_RADIUS / Math.sqrt(dimension)) },
    points: (tangents) => manifold.exp0(manifold.frame(tangents)),
  };
}
