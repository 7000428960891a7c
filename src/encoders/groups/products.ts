import * as tf from '../../engine/tf.js';
import type { BatchGroup } from './batchGroup.js';

/** Of two groups on the same items: the first's and the second's features or elements. */
export type Two<A, B> = readonly [A, B];

/** {e}: for items without a group, so that an ordinary autoencoder is one of the same kind. */
export function trivialBatch<X>(): BatchGroup<X, null, null> {
  return { name: 'trivial', fromFeatures: () => null, act: (_, x) => x, inverse: () => null };
}

/**
 * N ⋊ H, acting as n (h x): translations with rotations are rigid motions.
 * @param conjugate h n h⁻¹, again of N: how H turns N
 * @throws never; wrong shapes are the parts' errors
 */
export function semidirectBatch<X, FN, GN, FH, GH>(
  N: BatchGroup<X, FN, GN>,
  H: BatchGroup<X, FH, GH>,
  conjugate: (h: GH, n: GN) => GN,
  name = `${N.name} ⋊ ${H.name}`,
): BatchGroup<X, Two<FN, FH>, Two<GN, GH>> {
  return {
    name,
    fromFeatures: ([n, h], moment) => [N.fromFeatures(n, moment), H.fromFeatures(h, moment)],
    act: ([n, h], x) => N.act(n, H.act(h, x)),
    inverse([n, h]) {
      const back = H.inverse(h);
      return [conjugate(back, N.inverse(n)), back];
    },
    ...penaltyOf(N, H),
  };
}

/** A x B, whose actions commute: rotations of a cloud and orders of its points. */
export function directBatch<X, FA, GA, FB, GB>(
  A: BatchGroup<X, FA, GA>,
  B: BatchGroup<X, FB, GB>,
  name = `${A.name} x ${B.name}`,
): BatchGroup<X, Two<FA, FB>, Two<GA, GB>> {
  return semidirectBatch(A, B, (_, a) => a, name);
}

function penaltyOf<X, FN, GN, FH, GH>(
  N: BatchGroup<X, FN, GN>,
  H: BatchGroup<X, FH, GH>,
): { penalty?: (g: Two<GN, GH>) => tf.Scalar } {
  if (!N.penalty && !H.penalty) return {};
  return {
    penalty: ([n, h]) =>
      tf.addN([N.penalty?.(n), H.penalty?.(h)].filter((part) => part !== undefined)) as tf.Scalar,
  };
}
