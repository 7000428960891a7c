import { matrix } from '../../core/matrix.js';
import type { Space } from '../../core/space.js';
import type { FusedKernels, PairCall } from '../../engine/fused.js';
import { borrowFloats } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import { requirePoints } from '../../geometry/points.js';
import type { Curvature } from '../manifold.js';
import type { PairPath, PairSides } from './pairOp.js';
import { type PairLayout, type PairSpace, requireCurvature } from './pairSpace.js';

/**
 * Distances by the fused kernels, whose float64 sums are exact to float32 at any distance.
 * @throws DomainError naming the argument and row of a bad point: see requirePoints
 */
export function fusedPath(
  kernels: FusedKernels['pairs'],
  space: PairSpace,
  layout: PairLayout,
  who: string,
): PairPath {
  const callOf = ([x, y]: PairSides, K: Curvature): PairCall => {
    const value = typeof K === 'number' ? K : K.dataSync()[0];
    const call = { space: withCurvature(space, value), x: borrowFloats(x), layout };
    return y ? { ...call, y: borrowFloats(y) } : call;
  };
  return {
    distances(sides, K) {
      const call = callOf(sides, K);
      if ('curvature' in call.space) requireCurvature(space, call.space.curvature, who);
      const [x, y = x] = sides;
      requirePoints(call.space, matrix(call.x, x.shape[0], x.shape[1]), `${who} x`);
      if (call.y) requirePoints(call.space, matrix(call.y, y.shape[0], y.shape[1]), `${who} y`);
      const shape = layout === 'all' ? [x.shape[0], y.shape[0]] : [x.shape[0]];
      return tf.tensor(kernels.distances(call), shape, 'float32');
    },
    gradients(sides, K, dy) {
      const learned = typeof K !== 'number';
      const { points, curvature } = kernels.gradients(callOf(sides, K), borrowFloats(dy), learned);
      return { points: stacked(points, sides), ...(learned ? { curvature: tf.scalar(curvature) } : {}) };
    },
    second(sides, K, dy, v) {
      const back = kernels.second(callOf(sides, K), borrowFloats(dy), borrowFloats(v));
      return { points: stacked(back.points, sides), dy: tf.tensor(back.dy, dy.shape, 'float32') };
    },
  };
}

const stacked = (points: Float32Array, [{ shape }]: PairSides) =>
  tf.tensor2d(points, [points.length / shape[1], shape[1]]);

function withCurvature(space: PairSpace, curvature: number): Space {
  return 'curvature' in space ? { ...space, curvature } : space;
}
