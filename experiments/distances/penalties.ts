import {
  type Matrix32,
  neighborWeights,
  orderHinge,
  pairStress,
  type Rng,
  rankCorrelation,
  sampleQuadruplets,
  tf,
  topologicalPenalty,
} from '../../src/index.js';

/** Rows of a batch whose distances are compared three by three. */
const FEW = 64;

/** Penalties of distances; `isometry` and `conformal` look at the decoder's derivative instead: see train.ts. */
export const PAIR_PENALTIES = {
  /** Relative error with the best factor. */
  stress: ({ codes, inputs }: Pairs) => pairStress(codes, inputs, { scale: 'best' }),
  /** The same without a factor: lengths of codes are lengths of inputs. */
  lengths: ({ codes, inputs }: Pairs) => pairStress(codes, inputs),
  sammon: ({ codes, inputs }: Pairs) => pairStress(codes, inputs, { kind: 'sammon', scale: 'best' }),
  /** Near pairs count most. */
  neighbours: ({ codes, inputs }: Pairs) =>
    pairStress(codes, inputs, {
      scale: 'best',
      weights: neighborWeights(inputs, { kind: 'exponential', sigma: 0.2 }),
    }),
  ranks: ({ codes, inputs }: Pairs) => rankCorrelation(corner(codes), corner(inputs)),
  order: ({ codes, inputs, rng }: Pairs) =>
    orderHinge(codes, inputs, sampleQuadruplets(codes.shape[0], 4 * codes.shape[0], rng)),
  topology: ({ codes, inputs }: Pairs) =>
    topologicalPenalty(codes, inputs, { kind: 'stress', scale: 'best' }),
  /** Against lengths of paths through the graph of neighbours, which the caller puts in the place of `inputs`. */
  geodesic: ({ codes, inputs }: Pairs) => pairStress(codes, inputs, { scale: 'best' }),
} as const;

export interface Pairs {
  /** [n, n], differentiable. */
  readonly codes: tf.Tensor2D;
  /** [n, n] */
  readonly inputs: tf.Tensor2D;
  readonly rng: Rng;
}

export type PairPenalty = keyof typeof PAIR_PENALTIES;
export type PenaltyName = PairPenalty | 'isometry' | 'conformal';

export function isPairPenalty(name: PenaltyName): name is PairPenalty {
  return Object.hasOwn(PAIR_PENALTIES, name);
}

function corner(distances: tf.Tensor2D): tf.Tensor2D {
  const n = Math.min(FEW, distances.shape[0]);
  return tf.slice(distances, [0, 0], [n, n]);
}

/** Rows of a table of distances, [items, items]. Call inside tidy. */
export function tableOf({ data, columns }: Matrix32, items: ArrayLike<number>): tf.Tensor2D {
  const n = items.length;
  const values = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) values[i * n + j] = data[items[i] * columns + items[j]];
  }
  return tf.tensor2d(values, [n, n]);
}
