import * as tf from '../../engine/tf.js';
import {
  type CurvatureSource,
  curvatureIn,
  inTangentSpace,
  type Layer,
  NO_WEIGHTS,
  ownedBy,
} from './layer.js';

/**
 * Euclidean layers in the tangent space at the origin: exp0(layers(log0(x))). The last axis holds the point,
 * before and after.
 * @source Ganea, Bécigneul, Hofmann 2018, arXiv:1805.09112, Möbius versions of functions
 */
export function tangentSequential<X extends tf.Tensor = tf.Tensor2D>(options: {
  readonly layers: readonly Layer<X>[];
  readonly curvature: CurvatureSource;
}): Layer<X> {
  return {
    ...ownedBy(options.layers),
    apply: (pass, x) =>
      inTangentSpace(x, curvatureIn(pass, options.curvature), (tangent) =>
        options.layers.reduce((at, layer) => layer.apply(pass, at), tangent as X),
      ),
  };
}

/** Negative tangent coordinates at the origin become 0: exp0(relu(log0(x))), at any rank. */
export function hyperbolicRelu<X extends tf.Tensor = tf.Tensor2D>(options: {
  readonly curvature: CurvatureSource;
}): Layer<X> {
  return {
    ...NO_WEIGHTS,
    apply: (pass, x) =>
      inTangentSpace(x, curvatureIn(pass, options.curvature), (tangent) => tf.relu(tangent) as X),
  };
}
