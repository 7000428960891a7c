import { requireInteger } from '../core/checks.js';
import { expectation, UsageError } from '../core/errors.js';
import { type Matrix32, matrix } from '../core/matrix.js';
import type { Rng } from '../core/rng.js';

const CLASSES = 10;

/**
 * Sets of digits: each of `size` labels drawn from those given, evenly over the items and with replacement, one-hot. How often a
 * digit comes is how often it comes among the labels.
 * @returns `count` matrices [size, 10]
 * @throws UsageError for no labels or a count or size that is no whole number in range
 */
export function drawDigitSets(
  labels: ArrayLike<number>,
  count: number,
  size: number,
  rng: Rng,
): readonly Matrix32[] {
  requireInteger(count, 0, 'drawDigitSets count');
  requireInteger(size, 1, 'drawDigitSets size');
  if (labels.length === 0)
    throw new UsageError(expectation('drawDigitSets', 'labels', 'none', 'pass those of a data set'));
  return Array.from({ length: count }, () => {
    const data = new Float32Array(size * CLASSES);
    for (let i = 0; i < size; i++) data[i * CLASSES + labels[rng.below(labels.length)]] = 1;
    return matrix(data, size, CLASSES);
  });
}
