import { DomainError, expectation, ShapeError } from '../../core/errors.js';
import type { Compared } from '../terms.js';

/** @throws DomainError unless value is finite and in [low, high] */
export function requireWithin(
  value: number,
  who: string,
  low = Number.NEGATIVE_INFINITY,
  high = Number.POSITIVE_INFINITY,
): void {
  if (Number.isFinite(value) && value >= low && value <= high) return;
  const [from, to] = [low, high].map((bound) => (Number.isFinite(bound) ? String(bound) : undefined));
  const range = from && to ? ` in [${from}, ${to}]` : from ? ` >= ${from}` : to ? ` <= ${to}` : '';
  throw new DomainError(expectation(who, `a finite number${range}`, value, 'check this option'));
}

/** @throws ShapeError unless anchors and references are as many */
export function requireSquare({ distances }: Compared, who: string): void {
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
