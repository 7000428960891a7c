import { requireWithin } from '../../core/checks.js';
import type { Rng } from '../../core/rng.js';
import type { Compared, LossTerms, Terms } from '../terms.js';
import { requireSquare } from './ranges.js';
import { blockTriplets, type TripletShape } from './tripletBlocks.js';
import { listedTriplets } from './tripletList.js';
import { rankedTriplets } from './tripletRanks.js';
import { sampleTriplets, type Triplets } from './triplets.js';

/** So many triplets an anchor, drawn uniformly. */
export interface SampledTriplets {
  readonly perAnchor: number;
  readonly rng: Rng;
}

export interface TripletMarginOptions extends TripletShape {
  /** All of the plan, some of the plan, or just these (of a miner). */
  readonly triplets: 'all' | SampledTriplets | Triplets;
}

export const TRIPLET_MARGIN_DEFAULTS: TripletMarginOptions = {
  margin: 0.05,
  swap: false,
  smooth: false,
  triplets: 'all',
};
export const TRIPLET_MARGIN_REDUCER = 'avgNonZero';

/**
 * Part `triplet`, [n]: over the triplets of each anchor the sum of max(0, v), or log(1 + exp v) if smooth, with
 * v = d_ap - d_an + margin; with swap, d_an is min(d_an, d_pn). All triplets are never formed at once: memory is O(n m).
 * @throws DomainError for a margin below 0; ShapeError for swap unless the batch is compared with itself; ShapeError or
 *   UsageError for triplets outside of the distances, UsageError unless perAnchor is a whole number >= 1
 * @source Schroff et al. 2015, FaceNet, arXiv:1503.03832; Hermans et al. 2017, arXiv:1703.07737, the soft margin;
 *   Balntas et al. 2016, "Learning local feature descriptors with triplets and shallow CNNs", the swap
 */
export function tripletMarginLoss(
  compared: Compared,
  options: Partial<TripletMarginOptions> = {},
): LossTerms {
  const { triplets, ...shape } = { ...TRIPLET_MARGIN_DEFAULTS, ...options };
  requireWithin(shape.margin, 0, 'tripletMarginLoss margin');
  if (shape.swap) requireSquare(compared, 'tripletMarginLoss swap');
  return { triplet: termsOf(compared, triplets, shape) };
}

function termsOf(compared: Compared, triplets: TripletMarginOptions['triplets'], shape: TripletShape): Terms {
  if (triplets === 'all') {
    const ranks = !shape.swap && !shape.smooth;
    return ranks ? rankedTriplets(compared, shape.margin) : blockTriplets(compared, shape);
  }
  const list = 'rng' in triplets ? sampleTriplets(compared.plan, triplets.perAnchor, triplets.rng) : triplets;
  return listedTriplets(compared.distances, list, shape);
}
