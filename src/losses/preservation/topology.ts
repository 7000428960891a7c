import { expectation, ShapeError } from '../../core/errors.js';
import { borrowFloats } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import { nothingCompared, type PairList, requirePairs } from './pairs.js';
import { minimumSpanningTree } from './spanningTree.js';
import { pairStress, type StressOptions } from './stress.js';

export type TopologyOptions = Pick<StressOptions, 'scale'> & {
  /** sum: Σ (d - t e)² / 2, as published; stress: Σ (d - t e)² / Σ d², free of units. Default sum. */
  readonly kind?: 'sum' | 'stress';
};

/**
 * Topological penalty of a batch: errors of the distances that decide at which length its points become one component, in
 * the inputs and in the codes, i.e. over the edges of both minimum spanning trees (an edge of both counts twice). The trees
 * are found on the host, which waits for the device once; the gradient goes through the chosen distances, with the trees
 * as they are. Equal points are edges of length 0. One item or none: 0.
 * @param codes  [n, n], differentiable @param inputs [n, n], constant
 * @throws       ShapeError for other shapes, DomainError naming two rows whose distance is NaN or < 0
 * @source       Moor, Horn, Rieck, Borgwardt 2020, arXiv:1906.00722, eqs. 2 to 4, for dimension 0
 */
export function topologicalPenalty(
  codes: tf.Tensor2D,
  inputs: tf.Tensor2D,
  { kind = 'sum', scale = 1 }: TopologyOptions = {},
): tf.Scalar {
  requirePairs('topologicalPenalty', codes, inputs);
  if (codes.rank !== 2) {
    const remedy = 'pass distances of a batch with itself';
    throw new ShapeError(expectation('topologicalPenalty codes', '[n, n] distances', codes.shape, remedy));
  }
  const [n] = codes.shape;
  if (n < 2) return nothingCompared(codes);
  return tf.tidy(() => {
    const trees = [inputs, codes].map((d) => minimumSpanningTree(borrowFloats(d), n));
    const edges = tf.tensor1d(positions(trees, n), 'int32');
    const [e, d] = [codes, inputs].map((t) => tf.gather(tf.reshape(t, [-1]), edges));
    if (kind === 'stress') return pairStress(e, d, { scale });
    return tf.mul(pairStress(e, d, { kind: 'raw', scale }), edges.size / 2) as tf.Scalar;
  });
}

function positions(trees: readonly PairList[], n: number): Int32Array {
  const lists = trees.map(({ first, second }) => first.map((i, edge) => i * n + second[edge]));
  const all = new Int32Array(lists.length * (n - 1));
  lists.forEach((list, t) => {
    all.set(list, t * (n - 1));
  });
  return all;
}
