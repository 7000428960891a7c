import type { Space } from '../core/space.js';
import * as tf from '../engine/tf.js';
import { checkedManifold } from './checked.js';
import { pairwiseDistance } from './distance/pairwise.js';
import { rowDistance } from './distance/rows.js';
import type { Manifold } from './manifold.js';

/** Flat space, |x - y|. */
export function euclidean(space: Space & { readonly kind: 'euclidean' }): Manifold {
  return checkedManifold({
    space,
    columns: space.dim,
    dimension: space.dim,
    pairwise: (x, y, options) => pairwiseDistance(space, x, y, undefined, options),
    dist: (x, y) => rowDistance(space, x, y),
    inner: (_, u, v) => tf.sum(tf.mul(u, v), 1, true),
    exp: (x, u) => tf.add(x, u),
    log: (x, y) => tf.sub(y, x),
    exp0: (v) => tf.clone(v),
    log0: (x) => tf.clone(x),
    transport: (_, __, u) => tf.clone(u),
    project: (x) => tf.clone(x),
    projectTangent: (_, v) => tf.clone(v),
    egrad2rgrad: (_, g) => tf.clone(g),
    origin: () => tf.zeros([1, space.dim]),
    frame: (coordinates) => tf.clone(coordinates),
  });
}
