import { requireInteger, requireWithin } from '../../core/checks.js';
import { expectation, ShapeError, UsageError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';
import * as tf from '../../engine/tf.js';
import { type PairList, positivePart, requirePairs, samplePairs, signOf } from './pairs.js';

export interface OrderHingeOptions {
  /** How much farther the farther pair's codes have to be, in their unit, >= 0. Default 0.1. */
  readonly margin?: number;
}

/**
 * Order of distances: mean over comparisons of pairs p and q, d_p < d_q, of max(0, margin + e_p - e_q); where d_p = d_q
 * nothing is asked for. Comparisons of one item's distances are triplets, others quadruplets. 0 when the codes keep the
 * order by the margin; NaN gives NaN.
 * @param codes   [n, n] or [p], differentiable
 * @param inputs  same shape, constant
 * @param compared positions of p and q in the flattened distances: `sampleTriplets`, `sampleQuadruplets`
 * @throws        ShapeError for other shapes or lists of different lengths, UsageError for a position that is not there or
 *   no comparison, DomainError unless margin >= 0
 * @source        Agarwal et al. 2007, generalized non-metric multidimensional scaling (AISTATS), with hinges
 */
export function orderHinge(
  codes: tf.Tensor,
  inputs: tf.Tensor,
  compared: PairList,
  { margin = 0.1 }: OrderHingeOptions = {},
): tf.Scalar {
  requirePairs('orderHinge', codes, inputs);
  requireWithin(margin, 0, 'orderHinge margin');
  requireComparisons(compared, codes.size);
  return tf.tidy(() => {
    const positions = [compared.first, compared.second].map((at) => tf.tensor1d(at, 'int32'));
    const difference = (t: tf.Tensor) => {
      const flat = tf.reshape(t, [-1]);
      return tf.sub(tf.gather(flat, positions[0]), tf.gather(flat, positions[1]));
    };
    const order = signOf(difference(inputs));
    const short = tf.sub(tf.mul(tf.abs(order), margin), tf.mul(difference(codes), order));
    return tf.mean(positivePart(short)) as tf.Scalar;
  });
}

/** Positions in [n, n] of distances from one item to two others, uniform. @throws UsageError for n < 3, count < 1 */
export function sampleTriplets(n: number, count: number, rng: Rng): PairList {
  requireInteger(n, 3, 'sampleTriplets n');
  const { first: anchors, second } = samplePairs(n, count, rng);
  const third = anchors.map((a, c) => {
    const [low, high] = a < second[c] ? [a, second[c]] : [second[c], a];
    const other = rng.below(n - 2);
    return other + Number(other >= low) + Number(other + 1 >= high);
  });
  return { first: anchors.map((a, c) => a * n + second[c]), second: anchors.map((a, c) => a * n + third[c]) };
}

/** Positions in [n, n] of two pairs each, uniform and independent. @throws UsageError for n < 2, count < 1 */
export function sampleQuadruplets(n: number, count: number, rng: Rng): PairList {
  const draw = () => {
    const { first, second } = samplePairs(n, count, rng);
    return first.map((i, c) => i * n + second[c]);
  };
  return { first: draw(), second: draw() };
}

function requireComparisons({ first, second }: PairList, size: number): void {
  if (first.length !== second.length) {
    const remedy = 'pass two positions for each comparison';
    throw new ShapeError(
      expectation('orderHinge compared', `${first.length} second positions`, second.length, remedy),
    );
  }
  if (first.length === 0) {
    throw new UsageError(expectation('orderHinge compared', 'at least one comparison', 0, 'sample some'));
  }
  for (const at of [first, second]) {
    for (const position of at) requireInteger(position, 0, 'orderHinge compared', size - 1);
  }
}
