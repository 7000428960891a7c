import type { ModuleSpec, Pass } from '../../engine/network.js';
import * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';
import { exp0Within, log0 } from '../stereographic.js';

/** A part of a network: what it owns, and what it does with its input in one pass. */
export interface Layer<X extends tf.Tensor = tf.Tensor2D, Y extends tf.Tensor = X> extends ModuleSpec {
  /** Call inside tidy. */
  apply(pass: Pass, x: X): Y;
}

/**
 * K of a layer's stereographic model: a number, a tensor, or what each pass computes from learned weights.
 */
export type CurvatureSource = Curvature | ((pass: Pass) => Curvature);

export function curvatureIn(pass: Pass, source: CurvatureSource): Curvature {
  return typeof source === 'function' ? source(pass) : source;
}

/** What a layer without weights owns. */
export const NO_WEIGHTS = { parameters: [], batchNorms: [] } as const satisfies ModuleSpec;

/** What several layers own together. */
export function ownedBy(modules: readonly ModuleSpec[]): ModuleSpec {
  return {
    parameters: modules.flatMap((m) => m.parameters),
    batchNorms: modules.flatMap((m) => m.batchNorms),
    statistics: modules.flatMap((m) => m.statistics ?? []),
  };
}

/** The second layer after the first. */
export function chain<X extends tf.Tensor, Y extends tf.Tensor, Z extends tf.Tensor>(
  first: Layer<X, Y>,
  second: Layer<Y, Z>,
): Layer<X, Z> {
  return {
    ...ownedBy([first, second]),
    apply: (pass, x) => second.apply(pass, first.apply(pass, x)),
  };
}

/** Layers of one type of tensor, one after the other. */
export function sequential<X extends tf.Tensor = tf.Tensor2D>(layers: readonly Layer<X>[]): Layer<X> {
  return { ...ownedBy(layers), apply: (pass, x) => layers.reduce((at, layer) => layer.apply(pass, at), x) };
}

/** exp0, and points that float32 rounds onto the rim moved back inside by `project`. */
export function fromTangent(v: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  return exp0Within(v, K);
}

/** exp0(f(log0(x))) for a tensor of any rank whose last axis holds the point; f may change its shape. */
export function inTangentSpace<Y extends tf.Tensor>(
  x: tf.Tensor,
  K: Curvature,
  f: (tangent: tf.Tensor) => Y,
): Y {
  const tangent = f(tf.reshape(log0(asRows(x), K), x.shape));
  return tf.reshape(fromTangent(asRows(tangent), K), tangent.shape) as Y;
}

/** [..., d] -> [n, d] */
export function asRows(x: tf.Tensor): tf.Tensor2D {
  return tf.reshape(x, [-1, x.shape[x.shape.length - 1]]) as tf.Tensor2D;
}
