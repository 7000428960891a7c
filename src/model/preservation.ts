import { z } from 'zod';
import { Rng } from '../core/rng.js';
import type * as tf from '../engine/tf.js';
import { distancePreservation } from '../losses/preservation/distancePreservation.js';
import { type NeighborWeighting, neighborWeights } from '../losses/preservation/neighborWeights.js';
import { orderHinge, sampleTriplets } from '../losses/preservation/orderHinge.js';
import { rankCorrelation } from '../losses/preservation/rankCorrelation.js';
import { pairStress } from '../losses/preservation/stress.js';
import { orbitTarget, spaceTarget, type TargetDistance } from '../losses/preservation/targets.js';
import { topologicalPenalty } from '../losses/preservation/topology.js';

const positive = z.number().positive();
const share = z.number().min(0).max(1);
const factor = z.number().min(0);

const common = {
  target: z
    .enum(['orbit', 'pixels', 'cosine'])
    .default('orbit')
    .describe('orbit: of images turned to fit best; pixels: Euclidean; cosine: 1 - cos'),
  weighting: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('fixed').describe('weights.preservation is the weight') }),
      z.strictObject({
        kind: z
          .literal('auto')
          .describe("weights.preservation is the penalty's share of the task's gradient"),
        every: z.int().min(1).default(20).describe('steps between two looks at both gradients'),
      }),
    ])
    .default({ kind: 'fixed' }),
  schedule: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('constant') }),
      z.strictObject({
        kind: z.literal('warmUp').describe('in a line from 0'),
        until: share.default(0.2).describe('share of the training after which the weight is whole'),
      }),
      z.strictObject({
        kind: z.literal('cosine').describe('along half a cosine, between factors of the weight'),
        from: factor.default(1),
        to: factor.default(0),
      }),
    ])
    .default({ kind: 'constant' })
    .describe('how the weight moves over the training'),
};

const scale = z
  .union([positive, z.literal('best')])
  .default('best')
  .describe('what code distances are multiplied by; best: what fits the batch');

const ofPairs = {
  ...common,
  scale,
  tooNear: factor.default(1).describe('factor of pairs whose codes are too near'),
  tooFar: factor.default(1).describe('factor of pairs whose codes are too far'),
  neighbors: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('all').describe('all pairs alike') }),
      z.strictObject({
        kind: z.literal('exponential').describe('weights exp(-d / (sigma mean d))'),
        sigma: positive.default(0.5),
      }),
      z.strictObject({
        kind: z.literal('nearest').describe('pairs among the k nearest'),
        k: z.int().min(1).default(8),
      }),
    ])
    .default({ kind: 'all' })
    .describe('pairs that count most, by the distance of the inputs'),
};

/** Which distances of the inputs the codes are asked to keep, and how. */
export const preservation = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('relativeStress').describe('squared stress over that of the scaled inputs'),
      ...common,
    }),
    z.strictObject({ kind: z.literal('raw').describe('mean squared error of distances'), ...ofPairs }),
    z.strictObject({
      kind: z.literal('stress').describe('squared errors over squared distances'),
      ...ofPairs,
    }),
    z.strictObject({ kind: z.literal('sammon').describe('errors divided by the distance'), ...ofPairs }),
    z.strictObject({
      kind: z.literal('rank').describe("1 - Spearman's correlation of each item's distances, softly"),
      ...common,
      temperature: positive.default(0.1).describe('in mean code distances'),
    }),
    z.strictObject({
      kind: z.literal('order').describe('hinges on triplets: what is farther shall be farther'),
      ...common,
      margin: factor.default(0.1).describe('in the unit of the code distances'),
      triplets: z.int().min(1).default(4096),
    }),
    z.strictObject({
      kind: z.literal('topological').describe('errors over the edges of both minimum spanning trees'),
      ...common,
      scale,
    }),
  ])
  .default({
    kind: 'relativeStress',
    target: 'orbit',
    weighting: { kind: 'fixed' },
    schedule: { kind: 'constant' },
  })
  .describe('how distances are kept');

export type PreservationConfig = z.output<typeof preservation>;

/** Polar grid of the orbit distance in the penalty: coarser than the encoder's, it is a target, not a feature. */
const ORBIT_GRID = { radii: 14, angles: 32 };

/** The target of a config for images of this size. The caller disposes of it. */
export function preservationTarget(
  { target }: PreservationConfig,
  { height, width }: { readonly height: number; readonly width: number },
): TargetDistance {
  if (target === 'orbit') return orbitTarget({ height, width, ...ORBIT_GRID });
  return spaceTarget({ kind: target === 'pixels' ? 'euclidean' : target, dim: height * width });
}

/** Distances of codes and of inputs, both [n, n], to what it costs that they differ. */
export type Penalty = (codes: tf.Tensor2D, inputs: tf.Tensor2D) => tf.Scalar;

/** @param seed of the triplets, which are the same places of every batch @param n items of a batch */
export function preservationPenalty(config: PreservationConfig, n: number, seed: number): Penalty {
  switch (config.kind) {
    case 'relativeStress':
      return distancePreservation;
    case 'raw':
    case 'stress':
    case 'sammon':
      return (codes, inputs) =>
        pairStress(codes, inputs, { ...config, ...weightsOf(config.neighbors, inputs) });
    case 'rank':
      return (codes, inputs) => rankCorrelation(codes, inputs, config);
    case 'order': {
      const triplets = sampleTriplets(n, config.triplets, new Rng(seed).split('triplets'));
      return (codes, inputs) => orderHinge(codes, inputs, triplets, config);
    }
    case 'topological':
      return (codes, inputs) => topologicalPenalty(codes, inputs, { kind: 'stress', scale: config.scale });
  }
}

function weightsOf(
  neighbors: NeighborWeighting | { readonly kind: 'all' },
  inputs: tf.Tensor2D,
): { weights?: tf.Tensor2D } {
  return neighbors.kind === 'all' ? {} : { weights: neighborWeights(inputs, neighbors) };
}
