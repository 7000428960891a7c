import { row, takeRows } from '../../core/matrix.js';
import { distanceMatrix } from '../../geometry/distance.js';
import { hardnessAnchors } from '../../geometry/hardness.js';
import { classBalancedBlocks } from '../blocks.js';
import type { NegativesArm } from './arms.js';
import { Scan, type ScanPlan } from './scan.js';

/** Items that compete in one softmax, by rows, and which of them are anchors, by place. */
export interface Block {
  readonly rows: Int32Array;
  readonly classes: Int32Array;
  readonly anchors: Int32Array;
}

/** Class-balanced samples that stand for training batches; those without an anchor are left out. */
export function blocksOf(classes: Int32Array, blockSize: number): Block[] {
  return classBalancedBlocks(classes, blockSize)
    .map((rows) => {
      const own = rows.map((i) => classes[i]);
      return { rows, classes: own, anchors: hardnessAnchors(own) };
    })
    .filter(({ anchors }) => anchors.length > 0);
}

/** Rows of the anchors of all blocks, ascending. */
export function anchorsOf(blocks: readonly Block[]): Int32Array {
  const rows = blocks.flatMap((block) => Array.from(block.anchors, (i) => block.rows[i]));
  return Int32Array.from(rows).sort();
}

/** Most negatives that an anchor among items of these classes has; 0 without an anchor. */
export function mostNegatives(classes: Int32Array): number {
  const sizes = new Map<number, number>();
  for (const c of classes) sizes.set(c, (sizes.get(c) ?? 0) + 1);
  const smallest = Math.min(...[...sizes.values()].filter((size) => size > 1), classes.length);
  return classes.length - smallest;
}

/**
 * Every anchor among the items of its block, in float64. Yields the number of items done.
 * @param ranked whether all negatives of an anchor are put in order
 * @returns the finished scan
 */
export function* scanBlocks(
  arms: readonly NegativesArm[],
  blocks: readonly Block[],
  plan: ScanPlan,
  ranked: boolean,
): Generator<number, Scan, undefined> {
  const scan = new Scan(plan, anchorsOf(blocks), ranked);
  const slots = new Map(Array.from(scan.anchors, (i, slot) => [i, slot]));
  let done = 0;
  for (const { rows, classes, anchors } of blocks) {
    const distances = arms.map(({ space, matrix }) => {
      const items = takeRows(matrix, rows);
      return distanceMatrix(space, items, items);
    });
    for (const i of anchors) {
      const own = distances.map((d) => row(d, i));
      scan.take(slots.get(rows[i])!, own, classes, i, rows);
    }
    done += rows.length;
    yield done;
  }
  return scan;
}

/**
 * Root of the mean over anchors of the variance of the distances to their negatives, an arm each: what a softmax over
 * them sees, since it does not see what all distances of an anchor have in common.
 */
export function spreadsOf({ arms }: Scan): number[] {
  return arms.map(({ variance }) => Math.sqrt(variance.reduce((a, b) => a + b, 0) / variance.length));
}
