import { expectation, ShapeError } from '../../core/errors.js';
import type { Compared } from '../terms.js';

/** @throws ShapeError unless anchors and references are as many */
export function requireSquare({ distances }: Pick<Compared, 'distances'>, who: string): void {
  const [n, m] = distances.shape;
  if (n === m) return;
  throw new ShapeError(expectation(who, 'a square matrix', `${n} x ${m}`, 'compare a batch with itself'));
}

/**
 * A threshold as a distance. Where `zero` is given, what is compared is a similarity, and so are the thresholds of a
 * loss: s > t exactly where d < zero - t.
 */
export function thresholdOf({ zero }: Compared, threshold: number): number {
  return zero === undefined ? threshold : zero - threshold;
}
