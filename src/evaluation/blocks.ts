import { requireInteger } from '../core/checks.js';
import { rowsByClass } from '../core/classes.js';

/** Items of one class that stay together, so that nearly every anchor finds positives in its block. */
const TOGETHER = 4;

/**
 * Cuts n items into blocks of at most about `blockSize`, each a class-balanced sample: classes are cut into groups of
 * 4 to 7 items (one group if smaller), which are dealt round in the order of classes and rows.
 * @returns rows of each block, ascending; together every row once
 */
export function classBalancedBlocks(labels: ArrayLike<number>, blockSize: number): Int32Array[] {
  requireInteger(blockSize, 2, 'blockSize');
  const blocks = Array.from({ length: Math.ceil(labels.length / blockSize) }, (): number[] => []);
  let dealt = 0;
  for (const rows of rowsByClass(labels)) {
    const groups = Math.max(1, Math.floor(rows.length / TOGETHER));
    for (let g = 0; g < groups; g++) {
      const from = Math.floor((g * rows.length) / groups);
      const to = Math.floor(((g + 1) * rows.length) / groups);
      blocks[dealt++ % blocks.length].push(...rows.slice(from, to));
    }
  }
  return blocks.filter((rows) => rows.length > 0).map((rows) => Int32Array.from(rows).sort());
}
