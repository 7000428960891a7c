import { matrix } from '../../core/matrix.js';
import type { Space } from '../../core/space.js';
import type { FusedPairCall, FusedPairs } from '../../engine/fusedPairs.js';
import * as tf from '../../engine/tf.js';
import { requirePoints } from '../../geometry/points.js';
import type { Curvature } from '../manifold.js';
import type { PairPath } from './pairOp.js';
import { type PairLayout, type PairSpace, requireCurvature } from './pairSpace.js';

/**
 * Distances by the fused kernels, whose float64 sums are exact to float32 at any distance.
 * @throws DomainError naming the argument and row of a bad point: see requirePoints
 */
export function fusedPath(kernels: FusedPairs, space: PairSpace, layout: PairLayout, who: string): PairPath {
  const callOf = (x: tf.Tensor2D, y: tf.Tensor2D, K: Curvature): FusedPairCall => {
    const value = typeof K === 'number' ? K : K.dataSync()[0];
    return { space: withCurvature(space, value), x: values(x), y: values(y), layout };
  };
  return {
    distances(x, y, K) {
      const call = callOf(x, y, K);
      if ('curvature' in call.space) requireCurvature(space, call.space.curvature, who);
      requirePoints(call.space, matrix(call.x, x.shape[0], x.shape[1]), `${who} x`);
      requirePoints(call.space, matrix(call.y, y.shape[0], y.shape[1]), `${who} y`);
      const shape = layout === 'all' ? [x.shape[0], y.shape[0]] : [x.shape[0]];
      return tf.tensor(kernels.distances(call), shape, 'float32');
    },
    gradients(x, y, K, dy) {
      const learned = typeof K !== 'number';
      const { points, curvature } = kernels.gradients(callOf(x, y, K), values(dy), learned);
      return { points: stacked(points, x), ...(learned ? { curvature: tf.scalar(curvature) } : {}) };
    },
    second(x, y, K, dy, v) {
      const back = kernels.second(callOf(x, y, K), values(dy), values(v));
      return { points: stacked(back.points, x), dy: tf.tensor(back.dy, dy.shape, 'float32') };
    },
  };
}

const values = (t: tf.Tensor) => t.dataSync() as Float32Array;
const stacked = (points: Float32Array, like: tf.Tensor2D) =>
  tf.tensor2d(points, [points.length / like.shape[1], like.shape[1]]);

function withCurvature(space: PairSpace, curvature: number): Space {
  return 'curvature' in space ? { ...space, curvature } : space;
}
