import { normal } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';
import { cosineSpace, normalizeRows } from '../manifolds/cosine.js';
import type { Head } from './head.js';

/** code -> linear -> unit norm, compared by cosine: the Euclidean head of Yue et al. 2024, arXiv:2404.15523. */
export function euclideanHead(codeDim: number, dim: number): Head {
  return {
    name: 'euclidean',
    metric: cosineSpace(dim),
    dim,
    parameters: [
      { name: 'head/euclidean/kernel', shape: [codeDim, dim], initial: normal(Math.sqrt(1 / codeDim)) },
    ],
    batchNorms: [],
    tangent: (pass, code) => tf.matMul(code, pass.weight('head/euclidean/kernel')),
    toPoints: normalizeRows,
  };
}
