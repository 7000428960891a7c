import { requireLength } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import { type Matrix, type Matrix64, row, takeRows } from '../core/matrix.js';
import type { HardnessComparison, HardnessStatistics } from '../core/records.js';
import type { Space } from '../core/space.js';
import { distanceMatrix } from '../geometry/distance.js';
import { hardnessAnchors, negativeProbabilities } from '../geometry/hardness.js';
import { classBalancedBlocks } from './blocks.js';
import { spearman } from './correlation.js';

/** One head's vectors and the temperature of its softmax. */
export interface HardnessArm {
  readonly space: Space;
  /** [n, columnsOf(space)] */
  readonly matrix: Matrix;
  /** > 0, unit of the space's distances. p(x-) means nothing without it. */
  readonly temperature: number;
}

export interface HardnessOptions {
  /** Items that compete in one softmax, as in a training batch; p(x-) grows with it. Default 256. */
  readonly blockSize?: number;
  /** Longest list of hardest negatives to compare; shorter if a block has fewer negatives. Default 20. */
  readonly overlapUpTo?: number;
}

/**
 * p(x-) of two spaces on the same items, and how their hard negatives differ. Items compete in class-balanced blocks,
 * the same for both. Arrays have one value an anchor, anchors by ascending row, `hardest` holding rows of the matrices.
 * Anchors without a positive or a negative in their block are left out.
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
  requireLength(euclidean.matrix.rows, labels.length, 'compareHardness euclidean');
  requireLength(hyperbolic.matrix.rows, labels.length, 'compareHardness hyperbolic');
  const blocks = classBalancedBlocks(labels, options.blockSize ?? 256).map((rows) =>
    compareBlock([euclidean, hyperbolic], rows, labels, options.overlapUpTo ?? 20),
  );
  const anchors = blocks.flatMap((block) => block.anchors).sort((a, b) => a.row - b.row);
  if (anchors.length === 0) {
    const remedy = 'pass at least two classes, one of them with two items, or larger blocks';
    throw new DomainError(
      expectation('compareHardness', 'an anchor with a positive and a negative', 'none', remedy),
    );
  }
  const length = anchors.reduce((least, { overlap }) => Math.min(least, overlap.length), Infinity);
  const defined = anchors.map((anchor) => anchor.spearman).filter((value) => !Number.isNaN(value));
  const statistics = (arm: 0 | 1): HardnessStatistics => ({
    meanP: blocks.reduce((sum, block) => sum + block.sumP[arm], 0) / anchors.length,
    p: Float32Array.from(anchors, ({ arms }) => arms[arm].p),
    hardestP: Float32Array.from(anchors, ({ arms }) => arms[arm].hardestP),
    effective: Float32Array.from(anchors, ({ arms }) => arms[arm].effective),
    hardest: Int32Array.from(anchors, ({ arms }) => arms[arm].hardest),
  });
  return {
    euclidean: statistics(0),
    hyperbolic: statistics(1),
    hardestDiffer: mean(anchors.map(({ arms: [e, h] }) => (e.hardest === h.hardest ? 0 : 1))),
    spearman: mean(defined),
    overlap: Float32Array.from({ length }, (_, r) => mean(anchors.map(({ overlap }) => overlap[r]))),
  };
}

interface ComparedBlock {
  readonly anchors: readonly ComparedAnchor[];
  /** Sum over the block's anchors, before p is rounded to float32. */
  readonly sumP: readonly [number, number];
}

interface ComparedAnchor {
  readonly row: number;
  readonly arms: readonly [AnchorHardness, AnchorHardness];
  readonly spearman: number;
  readonly overlap: readonly number[];
}

type AnchorHardness = Readonly<Record<'p' | 'hardestP' | 'effective' | 'hardest', number>>;

function compareBlock(
  arms: readonly [HardnessArm, HardnessArm],
  rows: Int32Array,
  labels: ArrayLike<number>,
  overlapUpTo: number,
): ComparedBlock {
  const own = Array.from(rows, (i) => labels[i]);
  const anchors = hardnessAnchors(own);
  if (anchors.length === 0) return { anchors: [], sumP: [0, 0] };
  const distances = arms.map(({ space, matrix }) => {
    const items = takeRows(matrix, rows);
    return distanceMatrix(space, items, items);
  });
  const statistics = distances.map((d, arm) => negativeProbabilities(d, own, arms[arm].temperature));
  const compared = Array.from(anchors, (i, a): ComparedAnchor => {
    const [e, h] = distances.map((d) => negativeDistances(d, own, i));
    return {
      row: rows[i],
      arms: [anchorOf(statistics[0], a, rows), anchorOf(statistics[1], a, rows)],
      spearman: spearman(e, h),
      overlap: overlaps(e, h, overlapUpTo),
    };
  });
  const [e, h] = statistics.map(({ meanP }) => meanP * anchors.length);
  return { anchors: compared, sumP: [e, h] };
}

function anchorOf(statistics: HardnessStatistics, a: number, rows: Int32Array): AnchorHardness {
  const { p, hardestP, effective, hardest } = statistics;
  return { p: p[a], hardestP: hardestP[a], effective: effective[a], hardest: rows[hardest[a]] };
}

function negativeDistances(d: Matrix64, labels: readonly number[], i: number): Float64Array {
  return row(d, i).filter((_, j) => labels[j] !== labels[i]);
}

/** [r - 1]: share of the r smallest of e that are among the r smallest of h, ties by smaller index. */
function overlaps(e: Float64Array, h: Float64Array, upTo: number): number[] {
  const [first, second] = [e, h].map((values) =>
    Int32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b] || a - b),
  );
  const seen = new Set<number>();
  let common = 0;
  return Array.from({ length: Math.min(upTo, e.length) }, (_, r) => {
    for (const item of [first[r], second[r]]) {
      if (seen.has(item)) common++;
      seen.add(item);
    }
    return common / (r + 1);
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
