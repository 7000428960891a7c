import { requireInteger, requireLength, requirePositive } from '../core/checks.js';
import type { HardnessComparison, HardnessStatistics } from '../core/records.js';
import { type NegativesArm, numberedClasses, refuseNoAnchors } from './negatives/arms.js';
import { blocksOf, mostNegatives, scanBlocks } from './negatives/blockScan.js';
import { overlapOf } from './negatives/overlap.js';
import { largestOf } from './negatives/summarize.js';

/** One head's vectors and the temperature of its softmax. */
export type HardnessArm = Pick<NegativesArm, 'space' | 'matrix' | 'temperature'>;

export interface HardnessOptions {
  /** Items that compete in one softmax, as in a training batch; p(x-) grows with it. Default 256. */
  readonly blockSize?: number;
  /** Longest list of hardest negatives to compare; shorter if an anchor has fewer. Default 20. */
  readonly overlapUpTo?: number;
}

/**
 * p(x-) of two spaces on the same items, and how their hard negatives differ: what metrics.json and the report of a
 * quickstart hold, in blocks (negativeStatistics says more, of any number of arms). Arrays have one value an anchor,
 * anchors by ascending row, `hardest` holding rows of the matrices. Anchors without a positive or a negative in their
 * block are left out.
 * `spearman` is the mean over anchors of the rank correlation of the distances to all negatives of the block, over
 * those anchors where it is defined; NaN if it is for none.
 * @throws ShapeError, DomainError: see negativeProbabilities and distanceMatrix; DomainError if no anchor remains
 * @source the comparison of Yue et al. 2024 (HypMix), WACV: p(x-) and the hardest negative in both geometries
 */
export function compareHardness(
  euclidean: HardnessArm,
  hyperbolic: HardnessArm,
  labels: ArrayLike<number>,
  options: HardnessOptions = {},
): HardnessComparison {
  const who = 'compareHardness';
  requireLength(euclidean.matrix.rows, labels.length, `${who} euclidean`);
  requireLength(hyperbolic.matrix.rows, labels.length, `${who} hyperbolic`);
  requirePositive(euclidean.temperature, `${who} euclidean temperature`);
  requirePositive(hyperbolic.temperature, `${who} hyperbolic temperature`);
  const { blockSize = 256, overlapUpTo = 20 } = options;
  requireInteger(overlapUpTo, 1, `${who} overlapUpTo`);
  const arms = [
    { ...euclidean, name: 'euclidean' },
    { ...hyperbolic, name: 'hyperbolic' },
  ];
  const classes = numberedClasses(labels, who);
  const blocks = blocksOf(classes, blockSize);
  if (blocks.length === 0) refuseNoAnchors(who);
  const depth = Math.min(
    overlapUpTo,
    blocks.reduce((most, block) => Math.max(most, mostNegatives(block.classes)), 1),
  );
  const temperatures = arms.map(({ temperature }) => [temperature]);
  const work = scanBlocks(arms, blocks, { temperatures, depth, quantile: 0.5, pairs: [[0, 1]] }, true);
  let step = work.next();
  while (!step.done) step = work.next();
  const scan = step.value;
  const statistics = (arm: 0 | 1): HardnessStatistics => {
    const { weights, nearest } = scan.arms[arm];
    const [{ p, effective }] = weights;
    return {
      meanP: mean(p),
      p: Float32Array.from(p),
      hardestP: Float32Array.from(largestOf(weights[0])),
      effective: Float32Array.from(effective),
      hardest: Int32Array.from(scan.anchors, (_, slot) => nearest[slot * depth]),
    };
  };
  const least = scan.negatives.reduce((fewest, count) => Math.min(fewest, count), depth);
  const [first, second] = scan.arms;
  const overlap = overlapOf(first.nearest, second.nearest, depth, classes.length, [1]);
  return {
    euclidean: statistics(0),
    hyperbolic: statistics(1),
    hardestDiffer: mean(overlap.at[0].map((share) => 1 - share)),
    spearman: mean(scan.pairs[0].spearman.filter((value) => !Number.isNaN(value))),
    overlap: Float32Array.from(overlap.mean.slice(0, least)),
  };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
