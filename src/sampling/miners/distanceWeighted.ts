import { requireInteger, requirePositive } from '../../core/checks.js';
import { type Matrix64, matrix } from '../../core/matrix.js';
import type { Rng } from '../../core/rng.js';
import { drawByWeight } from '../drawByWeight.js';
import type { BatchRelation } from '../relation.js';
import { type Distances, forEachAnchor, type HostCompared, readCompared } from './compared.js';
import { TripletList, type TripletTuples } from './tuples.js';
import { type DistanceSource, logVolume, volumeOf } from './volume.js';

export interface NegativeWeightOptions {
  /** What the distances are distances of, see volumeOf. */
  readonly space: DistanceSource;
  /** Shorter distances are weighed as if they were this long, > 0: the variance would have no bound. */
  readonly cutoff?: number;
  /** Negatives from here on weigh 0, > 0: they would have no loss. */
  readonly nonZeroLossCutoff?: number;
}

export interface DistanceWeightedMinerOptions extends NegativeWeightOptions {
  readonly rng: Rng;
  /** Default: as many as the anchor has positives, and one more where the references are the anchors. */
  readonly perAnchor?: number;
}

/** Of chords of rows of norm 1, where √2 is the usual distance; other spaces and scales need others. */
export const DISTANCE_WEIGHTED_MINER_DEFAULTS = { cutoff: 0.5, nonZeroLossCutoff: 1.4 } as const;

/**
 * Triplets whose negatives are spread evenly over distances, as far as there are any: each is drawn with the weights of
 * negativeWeights, each positive with equal ones. An anchor without positives, or without a negative that has weight,
 * has no triplets.
 * @throws as negativeWeights; UsageError for perAnchor that is not whole and >= 1
 * @source Wu, Manmatha, Smola, Krähenbühl 2017, "Sampling matters in deep embedding learning", arXiv:1706.07567, section 4
 */
export function distanceWeightedMiner(
  distances: Distances,
  relation: BatchRelation,
  options: DistanceWeightedMinerOptions,
): TripletTuples {
  const { rng, perAnchor } = options;
  if (perAnchor !== undefined) requireInteger(perAnchor, 1, 'distanceWeightedMiner perAnchor');
  const compared = readCompared(distances, relation, 'distanceWeightedMiner');
  const { plan } = compared;
  const weights = weigh(compared, options);
  const triplets = new TripletList();
  const upTo = new Float64Array(plan.columns);
  forEachAnchor(plan, ({ anchor, positives, negatives }) => {
    let total = 0;
    negatives.forEach((n, k) => {
      total += weights[anchor * plan.columns + n];
      upTo[k] = total;
    });
    if (positives.length === 0 || !(total > 0)) return;
    const count = perAnchor ?? positives.length + (plan.sameItems ? 1 : 0);
    for (let i = 0; i < count; i++) {
      const positive = positives[rng.below(positives.length)];
      triplets.push(anchor, positive, negatives[drawByWeight(upTo, negatives.length, rng)]);
    }
  });
  return triplets.finish();
}

/**
 * The probability with which each negative of an anchor is drawn, 1 / q(d) with q the volume of the space at distance
 * d, after both cutoffs: [n, m], rows with a sum of 1, or of 0 where no negative has weight. A distance that the space
 * does not have, or of which it has no volume, weighs 0.
 * @throws as readCompared and volumeOf; DomainError for cutoffs that are not > 0
 */
export function negativeWeights(
  distances: Distances,
  relation: BatchRelation,
  options: NegativeWeightOptions,
): Matrix64 {
  const compared = readCompared(distances, relation, 'negativeWeights');
  return matrix(weigh(compared, options), compared.plan.rows, compared.plan.columns);
}

function weigh({ d, plan }: HostCompared, options: NegativeWeightOptions): Float64Array {
  const { space, cutoff, nonZeroLossCutoff } = { ...DISTANCE_WEIGHTED_MINER_DEFAULTS, ...options };
  requirePositive(cutoff, 'negativeWeights cutoff');
  requirePositive(nonZeroLossCutoff, 'negativeWeights nonZeroLossCutoff');
  let longest = cutoff;
  for (const value of d) if (value < nonZeroLossCutoff) longest = Math.max(longest, value);
  const volume = volumeOf(space, longest);
  const weights = new Float64Array(d.length);
  forEachAnchor(plan, ({ anchor, negatives }) => {
    const row = anchor * plan.columns;
    // In logarithms: 1 / q of two distances may differ by more than numbers can hold.
    const logs = new Float64Array(negatives.length).fill(Number.NEGATIVE_INFINITY);
    negatives.forEach((n, k) => {
      if (!(d[row + n] < nonZeroLossCutoff)) return;
      const log = -logVolume(volume, Math.max(d[row + n], cutoff));
      if (Number.isFinite(log)) logs[k] = log;
    });
    const top = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    if (top === Number.NEGATIVE_INFINITY) return;
    const shares = logs.map((log) => Math.exp(log - top));
    const total = shares.reduce((a, b) => a + b, 0);
    negatives.forEach((n, k) => {
      weights[row + n] = shares[k] / total;
    });
  });
  return weights;
}
