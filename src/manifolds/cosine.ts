import * as tf from '../engine/tf.js';
import type { Manifold } from './manifold.js';

const SMALL_NORM = 1e-6;

/** Each row divided by its norm; a row of norm below 1e-6 is divided by that instead. */
export function normalizeRows(x: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), 1, true), SMALL_NORM ** 2))));
}

/** 1 - cos of the angle between rows of unit norm. Points must be normalised: `exp0` does it. */
export function cosineSpace(dim: number): Manifold {
  return {
    space: { kind: 'cosine', dim },
    pairwise: (x, y) => tf.tidy(() => tf.sub(1, tf.matMul(x, y, false, true))),
    exp0: normalizeRows,
    log0: (x) => tf.clone(x),
  };
}
