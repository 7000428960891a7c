import type { ProductSpace, Space } from '../../core/space.js';
import { fused } from '../../engine/fused.js';
import * as tf from '../../engine/tf.js';
import type { Curvature, PairwiseOptions } from '../manifold.js';
import { fusedPath } from './fusedPath.js';
import { pairOp } from './pairOp.js';
import {
  curvatureOf,
  type PairLayout,
  type PairSpace,
  requireCurvature,
  requireShapes,
} from './pairSpace.js';
import { productDistance } from './products.js';
import { tensorPath } from './tensorPath.js';

/**
 * Distances of each row of x to each row of y: euclidean |x - y|; cosine 1 - cos, whatever the rows' lengths;
 * innerProduct -x·y; sphere arc length between directions; poincare and stereographic 2 asin_K √(|x - y|² a b) with
 * a = 1 / (1 + K|x|²), of any sign of K and smooth through 0; lorentz the same length from the space columns alone, so
 * the time columns get no gradient; star x + y, or 0 where options.same says that it is one item.
 *
 * First and second derivatives to x and y are in closed form (tf.grad of a tf.grad works); between coincident points,
 * and between antipodes, both are 0. With the native addon on TensorFlow, WASM or the JavaScript engine, sums are in
 * float64 and results exact to float32 from distance 1e-7 to the last float32 before the rim; elsewhere coordinate
 * differences are float32 tensors of at most 2^22 values, 2^25 on a GPU.
 * @param x [n, columnsOf(space)] @param y [m, columnsOf(space)]
 * @param curvature K in place of the space's; a scalar tensor gets its gradient, with the points' coordinates fixed,
 *   but no second derivative
 * @returns [n, m]; for more than memory holds see `distanceBlocks`
 * @throws ShapeError for other columns; DomainError for a curvature of the wrong sign and, with the addon, for a bad
 *   row (NaN, outside the ball, off the hyperboloid or sphere); without it such a row gives NaN
 * @source Bachmann, Bécigneul, Ganea 2020, arXiv:1911.05076, section 2; Nickel and Kiela 2018, arXiv:1806.03417, for lorentz
 */
export function pairwiseDistance(
  space: Exclude<Space, ProductSpace>,
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  curvature?: Curvature,
  { same = 'none' }: PairwiseOptions = {},
): tf.Tensor2D {
  requireShapes(space, x, y, 'all', 'pairwiseDistance');
  if (space.kind === 'innerProduct') return tf.tidy(() => productDistance(x, y, 0));
  if (space.kind === 'star') {
    return tf.tidy(() => {
      const sums: tf.Tensor2D = tf.add(x, tf.reshape(y, [1, -1]));
      return same === 'none' ? sums : tf.mul(sums, others(x.shape[0], y.shape[0]));
    });
  }
  return chordDistance(space, x, y, curvature, 'all', 'pairwiseDistance') as tf.Tensor2D;
}

/** By the fused kernels where they are registered, else by tensors. */
export function chordDistance(
  space: PairSpace,
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  curvature: Curvature | undefined,
  layout: PairLayout,
  who: string,
): tf.Tensor {
  const K = curvatureOf(space, curvature);
  if (typeof K === 'number') requireCurvature(space, K, who);
  const kernels = fused('pairs');
  const path = kernels ? fusedPath(kernels, space, layout, who) : tensorPath(space.kind, layout);
  return pairOp(path, x === y && layout === 'all' ? [x] : [x, y], K);
}

/** 1 off the diagonal, 0 on it. */
function others(n: number, m: number): tf.Tensor2D {
  const rows = tf.reshape(tf.range(0, n, 1, 'int32'), [n, 1]);
  const columns = tf.reshape(tf.range(0, m, 1, 'int32'), [1, m]);
  return tf.cast(tf.notEqual(rows, columns), 'float32') as tf.Tensor2D;
}
